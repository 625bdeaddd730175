"""Taking, submitting and giving back tasks."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.actions.assignments import claim_next, release_assignment
from annotation.actions.judgments import submit_assignment
from annotation.actions.raters import external_rater, rater_for_participant
from annotation.choices import Role, Stage
from annotation.errors import NotYours
from annotation.models import Assignment, Rater
from annotation.screens import screen_of
from api import shapes
from api.parsing import entries_in, text_in, truth_in, whole_number_in
from api.permissions import acting_user, may_manage, studies_of
from api.views.study_view import StudyView
from studies.models import ApiToken, Participant, Study

JUDGING = {"POST": ApiToken.Scope.JUDGE}


class NextTask(StudyView):
    """The next task for a rater."""

    scopes: ClassVar[Mapping[str, str]] = JUDGING

    @extend_schema(request=shapes.NextTaskBody, responses={200: shapes.AssignmentShape, 204: None})
    def post(self, request: Request, slug: str) -> Response:
        """Take the next task of a stage; 204 when there is none."""
        study = self.study(request, slug)
        stage = text_in(request.data, "stage")
        role = text_in(request.data, "role", default=Role.PEER.value)
        if stage not in Stage.values:
            raise ValidationError({"stage": f"A stage is one of {', '.join(Stage.values)}."})
        if role not in (Role.OWNER, Role.PEER, Role.EXPERT):
            raise ValidationError({"role": "A role is owner, peer or expert."})
        rater = _rater(request, study)
        return _next(study=study, stage=stage, role=role, rater=rater)


class Submit(StudyView):
    """A task's judgments."""

    scopes: ClassVar[Mapping[str, str]] = JUDGING

    @extend_schema(request=shapes.SubmitBody, responses={201: shapes.SubmitAnswer})
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Store a task's judgments; with `next`, the next task comes in the same answer."""
        entries = entries_in(request.data)
        wants_next = truth_in(request.data, "next")
        place = reachable_place(request, assignment_id)
        judgments = submit_assignment(
            assignment_id=place.id,
            rater=holder(request, place),
            fence=whole_number_in(request.data, "fence"),
            entries=entries,
            key=text_in(request.data, "key", default=""),
            device="program",
        )
        answer: dict[str, Any] = {
            "assignment": str(place.id),
            "judgments": [judgment.ref for judgment in judgments],
        }
        if wants_next:
            answer["next"] = _following(place, judgments[0].rater if judgments else None)
        return Response(answer, status=201)


class Release(StudyView):
    """A task given back."""

    scopes: ClassVar[Mapping[str, str]] = JUDGING

    @extend_schema(request=shapes.ReleaseBody, responses={200: shapes.Released})
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Give a task back unanswered, with a reason; somebody else may have it at once."""
        place = reachable_place(request, assignment_id)
        release_assignment(
            assignment_id=place.id,
            rater=holder(request, place),
            fence=whole_number_in(request.data, "fence"),
            reason=text_in(request.data, "reason", default=""),
        )
        return Response({"assignment": str(place.id), "state": "free"})


def _rater(request: Request, study: Study) -> Rater:
    """Whom the call judges for: the rater it names, or the token's own user."""
    if "rater" in (request.data if isinstance(request.data, dict) else {}):
        if not may_manage(request, study):
            raise PermissionDenied("Only a token of scope manage may act for other raters.")
        name = text_in(request.data, "rater")
        if not name.strip():
            raise ValidationError({"rater": "This must not be empty."})
        return external_rater(study=study, name=name)
    participant = Participant.objects.filter(study=study, user=acting_user(request)).first()
    if participant is None:
        raise PermissionDenied("You do not take part in this study; name a “rater”, or enter it.")
    return rater_for_participant(participant)


def reachable_place(request: Request, assignment_id: UUID) -> Assignment:
    """The place, if it is in a study within the token's reach; else it does not exist."""
    places = Assignment.objects.filter(study__in=studies_of(request)).select_related("study")
    place = places.filter(pk=assignment_id).first()
    if place is None:
        raise NotYours("There is no such task.")
    return place


def holder(request: Request, place: Assignment) -> Rater | None:
    """None lets a managing program act for whoever holds it; others act for themselves."""
    if may_manage(request, place.study):
        return None
    rater = Rater.objects.filter(
        participant__user=acting_user(request), study_id=place.study_id
    ).first()
    if rater is None:
        raise NotYours("There is no such task.")
    return rater


def _next(*, study: Study, stage: str, role: str, rater: Rater) -> Response:
    place = claim_next(study=study, stage=stage, role=role, rater=rater)
    return Response(status=204) if place is None else Response(assignment_json(place))


def _following(place: Assignment, rater: Rater | None) -> dict[str, Any] | None:
    if rater is None:
        return None
    following = claim_next(study=place.study, stage=place.stage, role=place.role, rater=rater)
    return assignment_json(following) if following else None


def assignment_json(place: Assignment) -> dict[str, Any]:
    """A place with everything its holder needs to judge."""
    return {
        "assignment": str(place.id),
        "fence": place.fence,
        "role": place.role,
        "lease_until": place.lease_until,
        **screen_of(place).as_json(),
    }
