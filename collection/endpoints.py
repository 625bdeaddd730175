"""Which endpoint a study means by a name: the document gives name and model, never an address."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from llm.actions.endpoints import baseline_endpoint, default_endpoint, ensure_endpoint
from llm.models import Endpoint
from studies.models import Study


def endpoint_for(study: Study, name: str = "") -> Endpoint:
    """The endpoint of this name; without one, the study's first, else the site's own.

    A name that the study lists and nobody set up means its model on the server of the settings,
    or, with no server there, the offline baseline, which every row then names. `baseline` and
    `default` are always known. Raises ValidationError for any other name, and where the endpoint
    serves another model than the study asks for.
    """
    listed = {entry["name"]: entry["model"] for entry in study.document.get("endpoints") or []}
    name = name or next(iter(listed), "default")
    if name == "default" and name not in listed:
        return default_endpoint()  # whatever the settings say now
    found = Endpoint.objects.filter(name=name, is_active=True).first()
    if found and listed.get(name, found.model) != found.model:
        message = f"The endpoint “{name}” serves {found.model}, not {listed[name]}."
        raise ValidationError(message)
    return found or _made(name, listed.get(name))


def _made(name: str, model: str | None) -> Endpoint:
    if name == "baseline" or (model and not settings.LLM_BASE_URL):
        return baseline_endpoint()
    if model is None:
        raise ValidationError(f"There is no endpoint named “{name}”.")
    return ensure_endpoint(
        name=name, base_url=settings.LLM_BASE_URL, model=model, key_name="LLM_API_KEY"
    )


def check_streamed(study: Study, document: Mapping[str, Any]) -> None:
    """Refuse conversations with models whose words do not come one by one.

    Only chat completions are streamed. Raises ValidationError.
    """
    models = (document["converse"] or {}).get("models") or [{"endpoint": "default"}]
    names = [model["endpoint"] for model in models]
    spoken = [Endpoint.Protocol.CHAT, Endpoint.Protocol.BASELINE]
    mute = Endpoint.objects.filter(name__in=names).exclude(protocol__in=spoken)
    if mute:
        raise ValidationError(
            f"converse.models: the endpoint “{mute[0].name}” speaks {mute[0].protocol}; "
            "conversations need one that speaks chat."
        )
