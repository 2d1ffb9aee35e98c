"""The models that are compared, all of one size: 4 layers, 128 wide, 4 heads."""

import torch
from torch import Tensor, nn

from benchmarks.plain_gpt import PlainGPT
from musiclab.model import Transformer, TransformerConfig
from musiclab.model.attention import causal_mask
from musiclab.singer import Singer, SingerConfig
from musiclab.singer.memories import N_INTERVALS
from musiclab.tokens import GridTokenizer

TOKENIZER = GridTokenizer()
SIZES = {"d_model": 128, "n_heads": 4, "n_layers": 4, "max_seq": 2048, "dropout": 0.1}


def ours_flat() -> Transformer:
    """Build our Transformer over single notes, with rotary positions."""
    return Transformer(TransformerConfig(vocab_size=TOKENIZER.vocab_size, **SIZES))


def ours_by_frames() -> Singer:
    """Build our Transformer over frames, as ``bach-grid`` is."""
    config = SingerConfig(
        vocab_size=TOKENIZER.vocab_size,
        condition_sizes=(16,),
        n_relations=N_INTERVALS,
        **SIZES,
    )
    return Singer(config, *map(torch.from_numpy, (TOKENIZER.pitches(), TOKENIZER.held())))


def hugging_face_gpt2(attention_dropout: float = 0.0) -> nn.Module:
    """Build Hugging Face's GPT-2 at its best settings.

    That is: torch's fused attention, no dropout inside it (as in ours; with it, torch leaves the
    fused kernel on a processor), and its GELU as one kernel of torch's ("gelu_pytorch_tanh") and
    not as eight small ones ("gelu_new"): the same function, faster.

    Args:
        attention_dropout: Probability; 0.1 is what the published model has.
    """
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=TOKENIZER.vocab_size,
        n_positions=SIZES["max_seq"],
        n_embd=SIZES["d_model"],
        n_layer=SIZES["n_layers"],
        n_head=SIZES["n_heads"],
        resid_pdrop=SIZES["dropout"],
        embd_pdrop=SIZES["dropout"],
        attn_pdrop=attention_dropout,
        activation_function="gelu_pytorch_tanh",
        attn_implementation="sdpa",
        bos_token_id=TOKENIZER.start_id,
        eos_token_id=None,
        pad_token_id=TOKENIZER.pad_id,
    )
    return GPT2LMHeadModel(config)


def x_transformers(attention_dropout: float = 0.0) -> nn.Module:
    """Build the decoder of x-transformers at its best settings: fused attention, rotary positions.

    It drops inside the feed-forward layers and on the embeddings, not on what sublayers add.

    Args:
        attention_dropout: Probability inside attention.
    """
    from x_transformers import Decoder, TransformerWrapper

    layers = Decoder(
        dim=SIZES["d_model"],
        depth=SIZES["n_layers"],
        heads=SIZES["n_heads"],
        attn_dim_head=SIZES["d_model"] // SIZES["n_heads"],
        attn_flash=True,
        attn_dropout=attention_dropout,
        ff_dropout=SIZES["dropout"],
        rotary_pos_emb=True,
        rotary_emb_dim=SIZES["d_model"] // SIZES["n_heads"],
    )
    return TransformerWrapper(
        num_tokens=TOKENIZER.vocab_size,
        max_seq_len=SIZES["max_seq"],
        use_abs_pos_emb=False,
        emb_dropout=SIZES["dropout"],
        attn_layers=layers,
    )


def plain_gpt(attention_dropout: float | None = None) -> PlainGPT:
    """Build a plain GPT as nanoGPT is.

    Args:
        attention_dropout: Probability inside attention; None for the rate of all else, as there.
    """
    return PlainGPT(vocab_size=TOKENIZER.vocab_size, attention_dropout=attention_dropout, **SIZES)


class TorchLayers(nn.Module):
    """The same model of torch's own layers; they have no cache."""

    def __init__(self) -> None:
        super().__init__()
        d_model = SIZES["d_model"]
        self.embed = nn.Embedding(TOKENIZER.vocab_size, d_model)
        self.positions = nn.Embedding(SIZES["max_seq"], d_model)
        layer = nn.TransformerEncoderLayer(
            d_model,
            SIZES["n_heads"],
            4 * d_model,
            SIZES["dropout"],
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        layer.self_attn.dropout = 0.0
        self.layers = nn.TransformerEncoder(layer, SIZES["n_layers"], enable_nested_tensor=False)
        self.to_logits = nn.Linear(d_model, TOKENIZER.vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        """Score every next token."""
        seq = ids.shape[1]
        x = self.embed(ids) + self.positions.weight[:seq]
        hidden = ~causal_mask(seq, seq, ids.device)
        return self.to_logits(self.layers(x, mask=hidden, is_causal=True))
