"""Taking, submitting and giving back tasks."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.actions.assignments import claim_next, release_assignment
from annotation.actions.judgments import submit_assignment
from annotation.actions.raters import external_rater, rater_for_participant
from annotation.adjudicating import answers_so_far
from annotation.choices import Role, Stage
from annotation.errors import NotYours
from annotation.feedback import feedback_after
from annotation.models import Assignment, Judgment, Rater
from annotation.screens import screen_of
from api import shapes
from api.parsing import check_keys, entries_in, text_in, truth_in, whole_number_in
from api.permissions import NOWHERE, PLACE, STUDY, acting_user, reach_in
from api.views.study_view import StudyView
from studies.models import ApiToken, Participant, Study, User
from studies.parts import may_judge

JUDGING = {"POST": ApiToken.Scope.JUDGE}
NEXT_KEYS = frozenset({"stage", "role", "rater"})
SUBMIT_KEYS = frozenset({"fence", "judgments", "key", "next"})


class NextTask(StudyView):
    """The next task for a rater."""

    scopes: ClassVar[Mapping[str, str]] = JUDGING

    @extend_schema(request=shapes.NextTaskBody, responses={200: shapes.AssignmentShape, 204: None})
    def post(self, request: Request, slug: str) -> Response:
        """Take the next task of a stage; 204 when there is none."""
        check_keys(request.data, NEXT_KEYS)
        stage = text_in(request.data, "stage")
        role = text_in(request.data, "role", default=Role.PEER.value)
        if stage not in Stage.values:
            raise ValidationError({"stage": f"A stage is one of {', '.join(Stage.values)}."})
        if role not in (Role.OWNER, Role.PEER, Role.EXPERT):
            raise ValidationError({"role": "A role is owner, peer or expert."})
        study, rater = _study_and_rater(request, slug, stage)
        return _next(study=study, stage=stage, role=role, rater=rater)


class Submit(StudyView):
    """A task's judgments."""

    scopes: ClassVar[Mapping[str, str]] = JUDGING

    @extend_schema(request=shapes.SubmitBody, responses={201: shapes.SubmitAnswer})
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Store a task's judgments; with `next`, the next task comes in the same answer.

        After practice, and gold that the study always talks about, `feedback` says what was right.
        """
        check_keys(request.data, SUBMIT_KEYS)
        entries = entries_in(request.data)
        wants_next = truth_in(request.data, "next")
        fence, key = (
            whole_number_in(request.data, "fence"),
            text_in(request.data, "key", default=""),
        )
        if key == "" and "key" in request.data:
            raise ValidationError({"key": "This must not be empty; leave it out to have none."})
        rater, study_id = holder_of(request, assignment_id)
        judgments = submit_assignment(
            assignment_id=assignment_id,
            rater=rater,
            study_id=study_id,
            fence=fence,
            entries=entries,
            key=key,
            device="program",
        )
        answer: dict[str, Any] = {
            "assignment": str(assignment_id),
            "judgments": [judgment.ref for judgment in judgments],
        }
        if lessons := feedback_after(judgments):
            answer["feedback"] = [lesson.as_json() for lesson in lessons]
        if wants_next:
            answer["next"] = _following(judgments)
        return Response(answer, status=201)


class Release(StudyView):
    """A task given back."""

    scopes: ClassVar[Mapping[str, str]] = JUDGING

    @extend_schema(request=shapes.ReleaseBody, responses={200: shapes.Released})
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Give a task back unanswered, with a reason; somebody else may have it at once."""
        rater, study_id = holder_of(request, assignment_id)
        release_assignment(
            assignment_id=assignment_id,
            rater=rater,
            study_id=study_id,
            fence=whole_number_in(request.data, "fence"),
            reason=text_in(request.data, "reason", default=""),
        )
        return Response({"assignment": str(assignment_id), "state": "free"})


def _study_and_rater(request: Request, slug: str, stage: str) -> tuple[Study, Rater]:
    """Whom the call judges for: the rater it names, or the token's own user."""
    study: Any = next(iter(STUDY(slug=slug, user=acting_user(request).pk)), None)
    reach = reach_in(request, study.pk, study.members_role) if study else NOWHERE
    if not reach.is_seen:
        raise Http404
    if "rater" not in (request.data if isinstance(request.data, dict) else {}):
        return study, _own_rater(request, study, stage)
    name = text_in(request.data, "rater")
    if not name.strip() or not name.isprintable():
        raise ValidationError({"rater": "This must be a name in one line of visible characters."})
    if not reach.is_managed:
        raise PermissionDenied("Only a token of scope manage may act for other raters.")
    return study, external_rater(study=study, name=name)


def _own_rater(request: Request, study: Study, stage: str) -> Rater:
    participant = Participant.objects.filter(study=study, user=acting_user(request)).first()
    if participant is None:
        raise PermissionDenied("You do not take part in this study; name a “rater”, or enter it.")
    if not may_judge(participant, stage):
        raise PermissionDenied("You cannot judge this stage now; the study's page says why.")
    return rater_for_participant(participant)


def holder_of(request: Request, assignment_id: UUID) -> tuple[Rater | None, UUID]:
    """Who acts on a place, and the study in which it must be.

    A managing program acts for whoever holds it (no rater), unless they take part in person; others
    act for themselves.
    """
    user = acting_user(request)
    known = next(iter(PLACE(place=assignment_id, user=user.pk)), None)
    reach = reach_in(request, known["study_id"], known["members_role"]) if known else NOWHERE
    if known and reach.is_managed and known["holders_basis"] != Participant.Basis.PLATFORM:
        return None, known["study_id"]
    rater = known and reach.is_seen and _rater_of(user, known["study_id"])
    if not known or not rater:
        raise NotYours("There is no such task.")
    return rater, known["study_id"]


def _rater_of(user: User, study_id: UUID) -> Rater | None:
    return Rater.objects.filter(participant__user=user, study=study_id).first()


def _next(*, study: Study, stage: str, role: str, rater: Rater) -> Response:
    place = claim_next(study=study, stage=stage, role=role, rater=rater)
    return Response(status=204) if place is None else Response(assignment_json(place))


def _following(judgments: Sequence[Judgment]) -> dict[str, Any] | None:
    """None, too, where they may judge no more, for whatever reason: their answers are stored."""
    done = judgments[0]
    try:
        following = claim_next(
            study=done.task.study, stage=done.stage, role=done.role, rater=done.rater
        )
    except PermissionDenied:
        return None
    return assignment_json(following) if following else None


def assignment_json(place: Assignment) -> dict[str, Any]:
    """A place with everything its holder needs to judge; to decide, the answers so far as well."""
    screen = screen_of(place)
    shown = {
        "assignment": str(place.id),
        "fence": place.fence,
        "role": place.role,
        "lease_until": place.lease_until,
        **screen.as_json(),
    }
    if so_far := answers_so_far(place, screen):
        names = {item.ref: item.targets.names for item in screen.items}
        shown["answers_so_far"] = {
            item: [one.as_json(names[item]) for one in given] for item, given in so_far.items()
        }
    return shown
