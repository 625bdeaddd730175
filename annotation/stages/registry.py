"""The stages, in the order of the data's life."""

from annotation.stages.extraction import Extraction
from annotation.stages.relevance import Relevance
from annotation.stages.response import ResponseStage
from annotation.stages.stage import StageKind

STAGES: dict[str, StageKind] = {
    stage.name: stage for stage in (Extraction(), Relevance(), ResponseStage())
}
