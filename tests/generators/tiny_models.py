"""Tiny transformers models with random weights, made so that what they find is distinct: real code, no real eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LABELS = {0: "background", 1: "nodule", 2: "mass"}
_NAMED: dict[str, Any] = {"id2label": LABELS, "label2id": {name: number for number, name in LABELS.items()}}
_SQUARE = {"height": 64, "width": 64}


def yolos(folder: Path) -> Path:
    """A detector with ten detection tokens."""
    from transformers import YolosConfig, YolosForObjectDetection, YolosImageProcessorPil

    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 37}
    made = _seeded(
        YolosForObjectDetection, YolosConfig(**shape, image_size=[64, 64], num_detection_tokens=10, **_NAMED)
    )
    _louder(made)
    return _saved(made, YolosImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128}), folder)


def segformer(folder: Path) -> Path:
    """A segmenter of classes."""
    from transformers import SegformerConfig, SegformerForSemanticSegmentation, SegformerImageProcessorPil

    shape: dict[str, Any] = {"depths": [1] * 4, "hidden_sizes": [8, 8, 16, 16], "num_attention_heads": [1, 1, 2, 2]}
    made = _seeded(SegformerForSemanticSegmentation, SegformerConfig(**shape, decoder_hidden_size=16, **_NAMED))
    return _saved(made, SegformerImageProcessorPil(size=_SQUARE), folder)


def mask2former(folder: Path) -> Path:
    """A universal segmenter with six queries."""
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, Mask2FormerImageProcessorPil

    small = {"feature_size": 32, "mask_feature_size": 32, "hidden_dim": 32, "encoder_layers": 1, "decoder_layers": 2}
    heads = {"num_attention_heads": 2, "dim_feedforward": 16, "encoder_feedforward_dim": 16, "num_queries": 6}
    config = Mask2FormerConfig(backbone_config=_swin(), **small, **heads, **_NAMED)
    made = _seeded(Mask2FormerForUniversalSegmentation, config)
    _louder(made)
    return _saved(made, Mask2FormerImageProcessorPil(size=_SQUARE), folder)


def maskformer(folder: Path) -> Path:
    """Its elder, of another mapping of transformers."""
    from transformers import (
        DetrConfig,
        MaskFormerConfig,
        MaskFormerForInstanceSegmentation,
        MaskFormerImageProcessorPil,
        SwinConfig,
    )

    layers = {"encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "d_model": 32, "num_queries": 6}
    decoder = DetrConfig(**layers, **heads, backbone_config=SwinConfig(**_SWIN))
    small = {"fpn_feature_size": 32, "mask_feature_size": 32}
    config = MaskFormerConfig(backbone_config=_swin(), decoder_config=decoder, **small, **_NAMED)
    made = _seeded(MaskFormerForInstanceSegmentation, config)
    return _saved(made, MaskFormerImageProcessorPil(size=_SQUARE), folder)


def oneformer(folder: Path) -> Path:
    """A segmenter that is told its task in words."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import (
        OneFormerConfig,
        OneFormerForUniversalSegmentation,
        OneFormerImageProcessorPil,
        PreTrainedTokenizerFast,
    )

    words = Tokenizer(WordLevel({"[PAD]": 0, "the": 1, "task": 2, "is": 3, "instance": 4, "panoptic": 5}, "[PAD]"))
    words.pre_tokenizer = Whitespace()
    folder.mkdir()
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]").save_pretrained(folder)  # noqa: S106
    (folder / "classes.json").write_text('{"0": {"name": "background", "isthing": 1}}')
    sizes = {"hidden_dim": 32, "mask_dim": 32, "conv_dim": 32, "dim_feedforward": 16, "encoder_feedforward_dim": 16}
    layers = {"encoder_layers": 1, "decoder_layers": 2, "query_dec_layers": 1, "num_attention_heads": 2}
    config = OneFormerConfig(
        backbone_config=_swin(), **sizes, **layers, num_queries=2, id2label={0: "cyst", 1: "mass", 2: "scar"}
    )
    made = _seeded(OneFormerForUniversalSegmentation, config)
    _louder(made)
    known = {"class_info_file": "classes.json", "repo_path": str(folder)}
    return _saved(made, OneFormerImageProcessorPil(size=_SQUARE, **known), folder)


def sam(folder: Path) -> Path:
    """A mask generator whose masks are sure of themselves."""
    from transformers import SamConfig, SamImageProcessorPil, SamModel

    seen = {"image_size": 64, "patch_size": 8}
    layers = {"num_hidden_layers": 1, "num_attention_heads": 2, "mlp_dim": 16}
    eye = {**seen, **layers, "hidden_size": 16, "output_channels": 16, "global_attn_indexes": [0], "num_pos_feats": 8}
    prompt = {**seen, "hidden_size": 16, "mask_input_channels": 4}
    decoder = {**layers, "hidden_size": 16, "iou_head_hidden_dim": 16, "iou_head_depth": 2}
    config = SamConfig(
        vision_config={**eye, "window_size": 2}, prompt_encoder_config=prompt, mask_decoder_config=decoder
    )
    made = _seeded(SamModel, config)
    _louder(made)
    made.mask_decoder.iou_prediction_head.proj_out.weight.data.mul_(0.02)
    made.mask_decoder.iou_prediction_head.proj_out.bias.data.fill_(0.7)
    for layer in made.mask_decoder.output_hypernetworks_mlps:
        layer.proj_out.weight.data.mul_(1e4)
    small = {"pad_size": _SQUARE, "mask_size": {"longest_edge": 16}, "mask_pad_size": {"height": 16, "width": 16}}
    return _saved(made, SamImageProcessorPil(size={"longest_edge": 64}, **small), folder)


def sam_hq(folder: Path) -> Path:
    """A mask generator with intermediate embeddings."""
    from transformers import SamHQConfig, SamHQModel, SamImageProcessorPil

    seen = {"image_size": 64, "patch_size": 8}
    layers = {"num_hidden_layers": 2, "num_attention_heads": 2, "mlp_dim": 16}
    eye = {**seen, **layers, "hidden_size": 16, "output_channels": 16, "global_attn_indexes": [0], "num_pos_feats": 8}
    prompt = {**seen, "hidden_size": 16, "mask_input_channels": 4}
    decoder = {**layers, "hidden_size": 16, "iou_head_hidden_dim": 16, "iou_head_depth": 2, "vit_dim": 16}
    config = SamHQConfig(
        vision_config={**eye, "window_size": 2}, prompt_encoder_config=prompt, mask_decoder_config=decoder
    )
    made = _seeded(SamHQModel, config)
    _louder(made)
    made.mask_decoder.iou_prediction_head.proj_out.bias.data.fill_(3.0)
    for layer in [*made.mask_decoder.output_hypernetworks_mlps, made.mask_decoder.hq_mask_mlp]:
        layer.proj_out.weight.data.mul_(1e4)
    return _saved(made, SamImageProcessorPil(size={"longest_edge": 64}, pad_size=_SQUARE), folder)


def classifier(folder: Path) -> Path:
    """A model that finds no regions."""
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessorPil

    small = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    made = _seeded(ViTForImageClassification, ViTConfig(**small, image_size=64, **_NAMED))
    return _saved(made, ViTImageProcessorPil(size=_SQUARE), folder)


_SWIN: dict[str, Any] = {
    "image_size": 64,
    "embed_dim": 8,
    "depths": [1] * 4,
    "num_heads": [1, 1, 2, 2],
    "window_size": 2,
}


def _swin() -> Any:
    from transformers import SwinConfig

    return SwinConfig(**_SWIN, out_features=["stage1", "stage2", "stage3", "stage4"])


def _seeded(kind: Any, config: Any) -> Any:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return kind(config).eval()


def _louder(made: Any) -> None:
    """Weights as large as to tell one token or point from another."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(8)
        for weights in made.parameters():
            if weights.ndim > 1:
                weights.data.normal_(0, 0.4)


def _saved(made: Any, processor: Any, folder: Path) -> Path:
    made.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
