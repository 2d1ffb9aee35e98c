"""The two quick ones of notebook 19: quantising in order, and what training keeps in memory."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-19",
    notebook=19,
    exercise="quantise-int8",
    header="def quantise_int8(weight):",
    lines=(
        "    whole = (weight / scale).round().to(torch.int8)",
        "    scale = weight.amax(dim=1, keepdim=True) / 127",
        "    return whole, scale",
        "    scale[scale == 0] = 1.0",
        "    whole = (weight / scale).to(torch.int8)",
        "    scale = weight.abs().amax(dim=1, keepdim=True) / 127",
        "    scale = weight.abs().amax(dim=0, keepdim=True) / 127",
    ),
    right=(6, 4, 1, 3),
)

RECALL = Recall(
    id="recall-19",
    notebook=19,
    about="adam-step",
    question=(
        "From notebook 9. A model has 800,000 parameters, all in 32 bits. In use, its weights take "
        "3.2 MB. How much do its weights, its gradients and all that Adam remembers take while it "
        "is trained?"
    ),
    choices={
        "a": (
            "3.2 MB: the weights are the same",
            "Each weight has a gradient as well while it learns. And Adam has a memory.",
        ),
        "b": (
            "6.4 MB: weights and gradients",
            "That would do for plain gradient descent. What does Adam keep for each weight?",
        ),
        "c": (
            "12.8 MB: weights, gradients, and two running means for each weight",
            "Yes. Adam keeps a mean of the gradient and a mean of its square. So training takes "
            "four times as much, and then there is what the layers remember for the way back.",
        ),
        "d": (
            "9.6 MB: weights, gradients, and a running mean for each weight",
            "Adam keeps one mean more: what does it divide the step by?",
        ),
    },
    right="c",
)
