"""The Transformer, from scratch: one idea a file, no music inside."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Block": ".block",
        "CrossAttention": ".attention",
        "EncoderDecoder": ".encoder_decoder",
        "FeedForward": ".block",
        "KVCache": ".kv_cache",
        "MultiHeadAttention": ".attention",
        "Stack": ".stack",
        "Transformer": ".transformer",
        "TransformerConfig": ".config",
        "parameter_count": ".config",
    },
)
