# make lab    installs everything into .venv and opens the first notebook
# make test   installs the same and runs every test
#
# Another Python:  make lab PYTHON=python3.12        An NVIDIA GPU:  make lab TORCH=cuda

PYTHON = python3
TORCH  = cpu
BIN    = .venv/bin
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest

# Without a display JupyterLab does not look for a browser: it prints its address.
HEADLESS = $(shell [ "$$(uname)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || echo --no-browser)
AS_ROOT  = $(shell [ "$$(id -u)" -ne 0 ] || echo --allow-root)

.PHONY: lab test ready notebooks mistakes check bench soak clean

lab: ready
	$(BIN)/python -m jupyterlab $(HEADLESS) $(AS_ROOT) --config=binder/lab_config.py

# Two files at a time; every notebook runs in a kernel of its own.
test: ready
	$(PYTEST) -n 2 --dist=loadfile --nbval-lax --nbval-current-env

# Make .venv, or bring it up to date; done at once where nothing changed.
ready:
	@$(PYTHON) scripts/environment.py --torch $(TORCH)

# Build the notebooks whose source changed, and the sheets whose source or exercises changed.
notebooks: ready
	$(BIN)/python scripts/build_notebooks.py
	OMP_NUM_THREADS=1 $(BIN)/python scripts/build_sheets.py

# Plant every known mistake of the exercises: each must be called by its own name.
mistakes: ready
	OMP_NUM_THREADS=1 $(BIN)/python scripts/mistakes.py --seeds 100

check: ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/python scripts/build_notebooks.py --check
	$(BIN)/python scripts/build_sheets.py --check
	$(BIN)/python scripts/check_public.py

bench: ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks

# Minutes of random inputs and 100 kills, different every time.
soak: ready
	HYPOTHESIS_PROFILE=soak MUSICLAB_SOAK=5 $(PYTEST) -n 2 --dist=loadfile -m "" tests

clean:
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
