"""The render engine: image files in, image files out. Other packages import it from here only."""

from imaging.codecs.containers.unsupported import describe_unsupported
from imaging.codecs.encoding.option_support import find_unsupported
from imaging.codecs.formats import (
    ANALYSIS,
    CUBE,
    MEDIA_TYPES,
    READABLE,
    Format,
    extension,
    list_formats,
    needs_more,
    sniff,
)
from imaging.codecs.output_options import AUTO, OutputOptions
from imaging.filters import CATALOGUE, describe_catalogue
from imaging.filters.auxiliary import MAX_AUXILIARY_BYTES, AuxiliaryImageFilter
from imaging.limits import Limits
from imaging.memory import give_memory_back
from imaging.native import load as load_native
from imaging.pipeline.digest import is_of_this_engine, render_digest
from imaging.pipeline.looks import describe_looks
from imaging.pipeline.parse import Pipeline, parse_output_options, parse_pipeline
from imaging.pipeline.preview import MAX_PREVIEW_SIDE, Preview
from imaging.pipeline.render_warnings import MEANINGS as WARNING_MEANINGS
from imaging.pipeline.render_warnings import RenderWarning
from imaging.pipeline.report import ENGINE, RenderReport
from imaging.pipeline.thumbor import PREFIX as THUMBOR_PREFIX
from imaging.pipeline.thumbor_url import parse_thumbor_url
from imaging.pipeline.url_grammar import (
    NO_STEPS,
    escape_text,
    format_pipeline,
    format_steps,
    parse_steps,
    unescape_text,
)
from imaging.render import Rendered, render

__all__ = [
    "ANALYSIS",
    "AUTO",
    "CATALOGUE",
    "CUBE",
    "ENGINE",
    "MAX_AUXILIARY_BYTES",
    "MAX_PREVIEW_SIDE",
    "MEDIA_TYPES",
    "NO_STEPS",
    "READABLE",
    "THUMBOR_PREFIX",
    "WARNING_MEANINGS",
    "AuxiliaryImageFilter",
    "Format",
    "Limits",
    "OutputOptions",
    "Pipeline",
    "Preview",
    "RenderReport",
    "RenderWarning",
    "Rendered",
    "describe_catalogue",
    "describe_looks",
    "describe_unsupported",
    "escape_text",
    "extension",
    "find_unsupported",
    "format_pipeline",
    "format_steps",
    "give_memory_back",
    "is_of_this_engine",
    "list_formats",
    "load_native",
    "needs_more",
    "parse_output_options",
    "parse_pipeline",
    "parse_steps",
    "parse_thumbor_url",
    "render",
    "render_digest",
    "sniff",
    "unescape_text",
]
