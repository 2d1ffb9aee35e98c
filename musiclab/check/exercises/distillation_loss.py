"""distillation-loss: learn from Bach's notes, and from what a teacher thinks of all notes."""

import torch
from torch.nn import functional as F

from musiclab.check.exercise import Exercise, normal


def probes(rng):
    """Yield scores of a student and a teacher, Bach's notes, a temperature and a weight."""
    for many, vocab, temperature, weight in (
        (2, 3, 2.0, 0.5),
        (7, 5, 3.0, 0.25),
        (5, 11, 1.5, 0.8),
    ):
        notes = torch.from_numpy(rng.integers(vocab, size=many))
        student, teacher = 2 * normal(rng, many, vocab), 3 * normal(rng, many, vocab)
        yield student, teacher, notes, temperature, weight


def use(answer, student, teacher, notes, temperature, weight):
    """Collect the loss, where it pushes the student's scores, and whether it pushes the teacher."""
    student, teacher = (one.clone().requires_grad_() for one in (student, teacher))
    loss = torch.as_tensor(answer(student, teacher, notes, temperature, weight))
    facts = {"shape": tuple(loss.shape), "loss": loss.detach().double()}
    if loss.ndim or not loss.requires_grad:
        return facts | {"can be trained with": False}
    loss.backward()
    pushed = teacher.grad is not None and bool(teacher.grad.abs().max() > 1e-7)
    gradient = torch.zeros_like(student) if student.grad is None else student.grad
    return facts | {
        "can be trained with": True,
        "gradient of the student": gradient.double(),
        "teacher is changed, too": pushed,
    }


def start(student, teacher, notes, temperature, weight):
    bach = F.cross_entropy(student, notes)
    softened = (student / temperature).log_softmax(dim=-1)
    wanted = teacher.softmax(dim=-1)
    distance = F.kl_div(softened, wanted)
    return (1 - weight) * bach + weight * temperature**2 * distance


def solution(student, teacher, notes, temperature, weight):
    bach = F.cross_entropy(student, notes)
    softened = (student / temperature).log_softmax(dim=-1)
    wanted = (teacher.detach() / temperature).softmax(dim=-1)
    distance = F.kl_div(softened, wanted, reduction="batchmean")
    return (1 - weight) * bach + weight * temperature**2 * distance


def softly(logs, wanted):
    """Give the Kullback-Leibler divergence of each note, from the logarithms of both."""
    return (wanted.exp() * (wanted - logs)).sum(dim=-1)


def build(
    soften=lambda student, teacher, t: (student / t, teacher / t),
    teach=lambda teacher: teacher.detach(),
    distance=softly,
    mean=lambda each, vocab: each.mean(),
    factor=lambda t: t**2,
    bach=lambda student, notes, t: F.cross_entropy(student, notes),
    mix=lambda bach, taught, weight: (1 - weight) * bach + weight * taught,
    dim=-1,
):
    """Make a loss that softens, measures or mixes in another way."""

    def loss(student, teacher, notes, temperature, weight):
        soft, wanted = soften(student, teach(teacher), temperature)
        each = distance(soft.log_softmax(dim=dim), wanted.log_softmax(dim=dim))
        taught = factor(temperature) * mean(each, student.shape[-1])
        return mix(bach(student, notes, temperature), taught, weight)

    return loss


def reference(*inputs):
    return build()(*inputs)


def temperature_squared_missing(*inputs):
    """The factor T^2 is missing: the softer the scores, the less the teacher has to say.

    Softened gradients are smaller by about that factor.
    """
    return build(factor=lambda t: 1.0)(*inputs)


def temperature_not_squared(*inputs):
    """You make up for the temperature once; the gradient is smaller by its square.

    One T comes from dividing the scores, another from the flatter probabilities.
    """
    return build(factor=lambda t: t)(*inputs)


def divided_by_the_square(*inputs):
    """You divide by T^2, where the teacher's part needs to be made larger.

    Softened gradients are small already.
    """
    return build(factor=lambda t: t**-2)(*inputs)


def direction_reversed(*inputs):
    """Your divergence goes the other way: it asks how well the teacher fits the student.

    What is wanted weighs the logarithms. `F.kl_div(input, target)` takes the *target* as wanted.
    """
    return build(distance=lambda logs, wanted: softly(wanted, logs))(*inputs)


def teacher_learns_too(*inputs):
    """The loss also changes the teacher, who then moves towards the pupil.

    `detach` takes a tensor out of what is learnt from.
    """
    return build(teach=lambda teacher: teacher)(*inputs)


def student_does_not_learn(student, *inputs):
    """The teacher's part does not reach the student: its scores are detached.

    Detach the one that must stay as it is.
    """
    bach = F.cross_entropy(student, inputs[1])
    whole = build()(student.detach(), *inputs)
    return whole + (1 - inputs[3]) * (bach - bach.detach())


def only_the_student_softened(*inputs):
    """Only the student's scores are divided by T; the teacher's stay sharp.

    Then a student that equals its teacher would still be told to change.
    """
    return build(lambda student, teacher, t: (student / t, teacher))(*inputs)


def only_the_teacher_softened(*inputs):
    """Only the teacher's scores are divided by T; the student learns to be flat.

    Then a student that equals its teacher would still be told to change.
    """
    return build(lambda student, teacher, t: (student, teacher / t))(*inputs)


def nothing_softened(*inputs):
    """Nothing is divided by T: what the teacher thinks of unlikely notes hardly counts.

    Divide the scores of both before the softmax.
    """
    return build(lambda student, teacher, t: (student, teacher))(*inputs)


def sharpened(*inputs):
    """You multiply the scores by T: that makes probabilities sharper, not softer.

    As in notebook 12, a higher temperature divides.
    """
    return build(lambda student, teacher, t: (student * t, teacher * t))(*inputs)


def mean_over_the_vocabulary(*inputs):
    """Your mean is over notes *and* vocabulary: with 56 tokens the teacher counts 56 times less.

    `kl_div` does so unless told otherwise. Which `reduction` divides by the notes alone?
    """
    return build(mean=lambda each, vocab: each.mean() / vocab)(*inputs)


def sum_over_notes(*inputs):
    """The teacher's part is a sum over the notes, Bach's part a mean: a long piece tips the scale.

    Which `reduction` of `kl_div` divides by the number of notes?
    """
    return build(mean=lambda each, vocab: each.sum())(*inputs)


def weights_swapped(*inputs):
    """Your two weights are swapped: `weight` belongs to the teacher's part.

    With a weight of 0, only Bach should count.
    """
    return build(mix=lambda bach, taught, weight: weight * bach + (1 - weight) * taught)(*inputs)


def bach_counts_in_full(*inputs):
    """Bach's part has a weight of 1, where 1 - weight is asked for.

    The two weights add up to 1.
    """
    return build(mix=lambda bach, taught, weight: bach + weight * taught)(*inputs)


def bach_left_out(*inputs):
    """Bach's part is missing: the student only imitates, mistakes included.

    Which of the arguments have you not used?
    """
    return build(mix=lambda bach, taught, weight: weight * taught)(*inputs)


def bach_softened_too(*inputs):
    """You soften the scores in Bach's part as well, where the plain ones are asked for.

    The model will be used, and measured, without that temperature.
    """
    return build(bach=lambda student, notes, t: F.cross_entropy(student / t, notes))(*inputs)


def only_the_likeliest(*inputs):
    """You teach only the teacher's likeliest note, not what it thinks of the others.

    Then the teacher is one more Bach, who errs. The rest of its opinion is what is new.
    """

    def distance(logs, wanted):
        return -logs.gather(-1, wanted.argmax(dim=-1, keepdim=True))[..., 0]

    return build(distance=distance)(*inputs)


def cross_entropy_for_kl(*inputs):
    """You take the cross-entropy with the teacher: the same gradient, but a higher loss.

    A student that equals its teacher should pay 0 for that part.
    """
    return build(distance=lambda logs, wanted: -(wanted.exp() * logs).sum(dim=-1))(*inputs)


def student_without_a_logarithm(*inputs):
    """You give `kl_div` the student's probabilities, and it wants their logarithms.

    Its first argument is a `log_softmax`, its second a `softmax`, unless told otherwise.
    """
    return build(distance=lambda logs, wanted: softly(logs.exp(), wanted))(*inputs)


def logarithm_of_the_teacher(*inputs):
    """You give `kl_div` logarithms for the teacher, and it takes them for probabilities.

    Either `softmax`, or `log_target=True`.
    """

    def distance(logs, wanted):
        return F.kl_div(logs, wanted, reduction="none").nan_to_num().sum(dim=-1)

    return build(distance=distance)(*inputs)


def squared_scores(*inputs):
    """You compare the scores themselves, by their squared difference.

    Scores may all be higher by 5 and mean the same. Compare probabilities.
    """
    student, teacher, *_ = inputs
    each = (student - teacher.detach()).square().mean(dim=-1)
    return build(distance=lambda logs, wanted: each)(*inputs)


def squared_probabilities(*inputs):
    """You compare probabilities by their squared difference, where a divergence is asked for.

    To it, 0.01 and 0.0001 are nearly the same. To the divergence they are far apart.
    """

    def distance(logs, wanted):
        return (logs.exp() - wanted.exp()).square().mean(dim=-1)

    return build(distance=distance)(*inputs)


def a_plain_number(*inputs):
    """You return a plain number, and nothing can be learnt from it.

    Keep tensors until the end: `item()` and `float()` cut off the way back.
    """
    return reference(*inputs).item()


def softmax_over_notes(*inputs):
    """Your softmax runs over the notes of the piece, not over the tokens that each might be.

    Which axis is the vocabulary?
    """
    return build(dim=0)(*inputs)


def sign_turned(*inputs):
    """You subtract the teacher's part: the farther from the teacher, the better.

    A distance is a cost. Add it.
    """
    return build(mix=lambda bach, taught, weight: (1 - weight) * bach - weight * taught)(*inputs)


def never_negative(result, *inputs):
    """Both parts are at least 0, so the loss cannot be below 0."""
    return float(result["loss"]) >= -1e-6


def teacher_stays(result, *inputs):
    """The loss may change the student alone."""
    return not result.get("teacher is changed, too", False)


EXERCISE = Exercise(
    id="distillation-loss",
    notebook=19,
    place=3,
    title="What the teacher thinks",
    kind="find the bug",
    difficulty=3,
    importance=4,
    minutes=15,
    why="A student that is taught the wrong thing learns it, and no error is raised.",
    signature=(
        'distillation_loss(student: Float[Tensor, "note vocab"], '
        'teacher: Float[Tensor, "note vocab"], notes: Int[Tensor, "note"], '
        'temperature: float, weight: float) -> Float[Tensor, ""]'
    ),
    statement=(
        "This should be the loss of section 19.6, for scores that are not yet softened:\n\n"
        r"$$(1 - \lambda)\,\text{CE}(\text{Bach}, \text{student}) + \lambda\,T^2\,"
        r"\text{KL}(\text{teacher}_T \,\|\, \text{student}_T)$$"
        "\n\nBoth parts are means over the notes. The student learns, and the teacher must not, "
        "even where nobody has called it under `no_grad`. It runs, and the student gets better. "
        "But there is more than one bug in it. Find them."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    use=use,
    properties=(never_negative, teacher_stays),
    mistakes=(
        temperature_squared_missing,
        temperature_not_squared,
        divided_by_the_square,
        direction_reversed,
        teacher_learns_too,
        student_does_not_learn,
        only_the_student_softened,
        only_the_teacher_softened,
        nothing_softened,
        sharpened,
        mean_over_the_vocabulary,
        sum_over_notes,
        weights_swapped,
        bach_counts_in_full,
        bach_left_out,
        bach_softened_too,
        only_the_likeliest,
        cross_entropy_for_kl,
        student_without_a_logarithm,
        logarithm_of_the_teacher,
        squared_scores,
        squared_probabilities,
        a_plain_number,
        softmax_over_notes,
        sign_turned,
    ),
    hints=(
        "Let the student's scores equal the teacher's. Which part of the loss should then be 0? "
        "And by how many numbers is the mean taken?",
        "softened = log softmax of student / T, wanted = softmax of teacher / T, the teacher cut "
        "off from learning: both (note, vocab). Distance: sum over vocab, mean over notes. Read "
        "what `reduction` means in `kl_div`.",
        "`wanted = (teacher.detach() / ...).softmax(dim=-1)`, then `distance = F.kl_div(softened, "
        'wanted, reduction="...")`.',
    ),
    explain="What does the teacher's opinion of wrong notes tell that Bach's note does not?",
)
