"""The ways to store a model in fewer bytes: what a file holds is enough to read it back."""

import pytest
import torch
from safetensors.torch import save
from torch.nn.functional import linear

from benchmarks import lean_layers, shrinking
from benchmarks.distilling import BLOCKS, distillation_loss, take_blocks
from musiclab.model import Transformer, TransformerConfig

SIZES = {"vocab_size": 11, "d_model": 32, "n_heads": 2, "dropout": 0.0}


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = Transformer(TransformerConfig(**SIZES, n_layers=4)).eval()
    torch.nn.init.normal_(model.stack.norm.weight)  # as if trained
    return model


@pytest.mark.parametrize("bits", range(1, 9))
def test_packed_numbers_come_back_and_take_no_more_than_their_bits(bits):
    numbers = torch.randint(0, 2**bits, (37,))
    file = shrinking.packed(numbers, bits)
    assert torch.equal(shrinking.unpacked(file, bits, 37), numbers)
    assert len(file) == -(-37 * bits // 8)


@pytest.mark.parametrize("per", shrinking.ROWS)
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_the_file_of_a_quantised_matrix_is_the_matrix(per, bits):
    weight = torch.randn(6, 64)
    ((file, read),) = shrinking.quantised(bits, per)({"w": weight}).values()
    whole = shrinking.unpacked(file["whole"], bits, weight.numel()) - (2 ** (bits - 1) - 1)
    scales = file["scale"].float()
    assert torch.equal((whole.view(len(scales), -1) * scales).view_as(weight), read)
    # Half a step, and what the largest loses because its scale is kept in 16 bits.
    off = (weight - read).abs().view(len(scales), -1)
    assert (off <= scales * (0.5 + 2**-4)).all()


@pytest.mark.parametrize("how", ["global", "layer", "random"])
def test_so_many_weights_go(how):
    all_ = {"a": torch.randn(10, 20), "b": 9 * torch.randn(30, 10)}
    stay = shrinking.kept(all_, 0.4, how)
    gone = {name: int((~one).sum()) for name, one in stay.items()}
    assert sum(gone.values()) == 200
    assert (gone == {"a": 80, "b": 120}) == (how == "layer")
    if how == "global":
        went = max(all_[n][~one].abs().max() for n, one in stay.items() if (~one).any())
        assert went <= min(all_[n][one].abs().min() for n, one in stay.items() if one.any())


def test_the_file_of_a_sparse_matrix_is_the_matrix():
    weight = torch.randn(6, 10).half().float()
    stay = shrinking.kept({"w": weight}, 0.5, "global")
    ((file, read),) = shrinking.sparse(stay)({"w": weight}).values()
    where = shrinking.unpacked(file["stays"], 1, 60).bool().view(6, 10)
    assert torch.equal(torch.zeros(6, 10).masked_scatter(where, file["values"].float()), read)
    assert torch.equal(read, weight * stay["w"])


def test_thin_matrices_have_that_share_of_the_numbers_and_no_rank_k_matrix_is_closer():
    weight = torch.randn(40, 60)
    left, right = shrinking.thin(weight, 0.5)
    assert left.numel() + right.numel() == 12 * (40 + 60)
    sizes = torch.linalg.svdvals(weight)
    assert torch.allclose((weight - left @ right).square().sum(), sizes[12:].square().sum())


def test_a_model_shrinks_in_place_and_its_file_too(model):
    before = {name: one.clone() for name, one in model.state_dict().items()}
    half = shrinking.shrink(model, shrinking.halved)
    quarter = shrinking.shrink(model, shrinking.quantised(4, "row"))
    whole = len(save({name: one.half() for name, one in before.items()}))
    assert half == pytest.approx(whole, abs=300) and quarter < half / 2
    changed = {n for n, one in model.state_dict().items() if not torch.equal(one, before[n])}
    assert changed == set(shrinking.matrices(model))


@pytest.mark.parametrize("layer", [lean_layers.WidenedLinear, lean_layers.PackedLinear])
def test_layers_of_whole_numbers_multiply_as_their_weights_do(layer):
    weight, x = torch.randn(32, 64), torch.randn(2, 3, 64)
    built = layer(weight)
    read = built.whole * built.scale[:, None]
    assert built.whole.dtype == torch.int8
    assert ((read - weight).abs() <= 0.501 * built.scale[:, None]).all()
    assert torch.allclose(built(x), linear(x, read), atol=1e-3)


def test_sparse_and_thin_layers_multiply_as_their_weights_do():
    weight, x = torch.randn(6, 8), torch.randn(2, 3, 8)
    weight[weight.abs() < 0.5] = 0
    assert torch.allclose(lean_layers.SparseLinear(weight)(x), linear(x, weight), atol=1e-5)
    left, right = shrinking.thin(weight, 0.5)
    assert torch.allclose(lean_layers.ThinLinear(weight)(x), linear(x, left @ right), atol=1e-5)


def test_a_student_that_agrees_pays_for_bachs_note_alone_and_the_teacher_sets_the_rest():
    scores, notes = torch.randn(5, 7), torch.randint(7, (5,))
    alone = torch.nn.functional.cross_entropy(scores, notes)
    assert torch.allclose(distillation_loss(scores, scores, notes), alone / 2)
    assert distillation_loss(scores, -scores, notes) > alone / 2


def test_a_student_begins_from_its_teachers_blocks(model):
    student = Transformer(TransformerConfig(**SIZES, n_layers=len(BLOCKS))).eval()
    take_blocks(student, model)
    cut = Transformer(TransformerConfig(**SIZES, n_layers=4)).eval()
    cut.load_state_dict(model.state_dict())
    cut.stack.blocks = torch.nn.ModuleList(cut.stack.blocks[number] for number in BLOCKS)
    ids = torch.randint(11, (1, 9))
    assert torch.equal(student(ids), cut(ids))
