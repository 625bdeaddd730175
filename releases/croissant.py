"""The release's description in Croissant (mlcommons.org/croissant/1.0), as a plain document."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from releases.configs import Config
from releases.models import Release
from releases.tables.table import Source

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
MEDIA_TYPE = "application/x-parquet"


def croissant(release: Release, source: Source, configs: Sequence[Config]) -> dict[str, Any]:
    """Files with checksums, and for every config its columns with their types."""
    study = source.study
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": study.slug,
        "description": study.text("description") or study.title(),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": f"{release.version}.0.0",
        "inLanguage": study.languages,
        "distribution": [each for config in configs for each in _distribution(config)],
        "recordSet": [_record_set(config) for config in configs],
    }


def _distribution(config: Config) -> list[dict[str, Any]]:
    files = [
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": f"{file.bytes} B",
            "encodingFormat": MEDIA_TYPE,
            "sha256": file.sha256,
        }
        for file in config.files.values()
    ]
    return [*files, _file_set(config)]


def _file_set(config: Config) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{config.name}-files",
        "name": f"{config.name}-files",
        "description": f"The parts of {config.name}.",
        "encodingFormat": MEDIA_TYPE,
        "includes": [file.path for file in config.files.values()],
    }


def _record_set(config: Config) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": config.name,
        "name": config.name,
        "description": config.title,
        "field": [_field(config.name, config.name, column) for column in config.schema],
    }


def _field(config: str, parent: str, column: pa.Field) -> dict[str, Any]:
    """A column; the members of a struct are its sub-fields."""
    kind, is_list = column.type, pa.types.is_list(column.type)
    while pa.types.is_list(kind):
        kind = kind.value_type
    field = {
        "@type": "cr:Field",
        "@id": f"{parent}/{column.name}",
        "name": column.name,
        "source": {"fileSet": {"@id": f"{config}-files"}, "extract": {"column": column.name}},
        **({"repeated": True} if is_list else {}),
    }
    if not pa.types.is_struct(kind):
        return field | {"dataType": data_type(kind)}
    members = [_field(config, field["@id"], member) for member in kind]
    return field | {"subField": members}


def data_type(kind: pa.DataType) -> str:
    """The schema.org type of a column of single values."""
    checks = (
        (pa.types.is_boolean, "sc:Boolean"),
        (pa.types.is_integer, "sc:Integer"),
        (pa.types.is_floating, "sc:Float"),
        (pa.types.is_timestamp, "sc:DateTime"),
    )
    return next((name for is_kind, name in checks if is_kind(kind)), "sc:Text")
