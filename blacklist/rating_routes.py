"""Doors of the assessment: rate, see the own account, dispute; watch and decide."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from blacklist.core.errors import UnknownExpert
from blacklist.core.points import Point
from blacklist.rating_schemas import (
    AccountPointOut,
    DisputeDecisionIn,
    FullPointAccountOut,
    MyRoundOut,
    MyRoundsOut,
    OpenedOut,
    OpenedRoundOut,
    PointAccountOut,
    PointAccountsOut,
    PointDisputeIn,
    PointDisputeOut,
    PointDisputesOut,
    RatingFormOut,
    RatingIn,
    RatingRoundOut,
    RatingRoundsOut,
    RatingWatchOut,
    SchemeOut,
)
from blacklist.rating_service import RatingService
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission
from foundation.ids import ExpertId

router = APIRouter(prefix="/api", tags=["rating"])

Rater = Annotated[Principal, requires(Permission.RATING_GIVE)]
Reader = Annotated[Principal, requires(Permission.RATING_READ)]
Decider = Annotated[Principal, requires(Permission.BLACKLIST_DECIDE)]
Owner = Annotated[Principal, requires(Permission.RECORD_READ)]
Disputer = Annotated[Principal, requires(Permission.RECORD_DISPUTE)]


def service_of(request: Request) -> RatingService:
    """The service that the application hung up."""
    return cast(RatingService, request.app.state.ratings)


Ratings = Annotated[RatingService, Depends(service_of)]


@router.get("/ratings")
def my_rounds(who: Rater, ratings: Ratings) -> MyRoundsOut:
    """Open rounds in which the asker rates."""
    return MyRoundsOut(
        rounds=[
            MyRoundOut(round=RatingRoundOut.of(one), has_rated=rated)
            for one, rated in ratings.mine(who)
        ]
    )


@router.get("/ratings/{evaluation_id}")
def form(evaluation_id: str, who: Rater, ratings: Ratings) -> RatingFormOut:
    """Whom to rate and by what; nobody's rating."""
    return RatingFormOut.of(ratings.form(evaluation_id, who))


@router.post("/ratings/{evaluation_id}", status_code=201)
def give(evaluation_id: str, body: RatingIn, who: Rater, ratings: Ratings) -> RatingRoundOut:
    """Rate, once (R-ASM-2); locked when the time is over or everybody has rated."""
    return RatingRoundOut.of(ratings.give(evaluation_id, who, [one.said() for one in body.said]))


@router.get("/rating-rounds")
def rounds(_: Reader, ratings: Ratings) -> RatingRoundsOut:
    """Every round; who is missing only once it is locked."""
    return RatingRoundsOut(rounds=[RatingRoundOut.of(one) for one in ratings.rounds()])


@router.get("/rating-rounds/{evaluation_id}")
def opened(evaluation_id: str, _: Reader, ratings: Ratings) -> OpenedRoundOut:
    """What was stated in a locked round."""
    return OpenedRoundOut(ratings=[OpenedOut.of(one) for one in ratings.opened(evaluation_id)])


@router.get("/points")
def accounts(_: Reader, ratings: Ratings) -> PointAccountsOut:
    """Accounts of this year, the nearest to a threshold first (R-ASM-4)."""
    found, base = ratings.accounts.accounts()
    return PointAccountsOut(
        scheme=_scheme(ratings),
        accounts=[PointAccountOut.of(one) for one in found],
        attended=base[0],
        drawn=base[1],
    )


@router.get("/points/{expert_id}")
def account(expert_id: str, _: Reader, ratings: Ratings) -> FullPointAccountOut:
    """One expert's account, every point with what shows it."""
    return _full(ExpertId(expert_id), ratings)


@router.get("/my/points")
def my_points(who: Owner, ratings: Ratings) -> FullPointAccountOut:
    """The asker's own account (R-ASM-1)."""
    return _full(_expert(who), ratings)


@router.post("/my/points/{id}/dispute")
def dispute(id: str, body: PointDisputeIn, who: Disputer, ratings: Ratings) -> AccountPointOut:
    """Explain or dispute a point of the own account."""
    return _point(ratings.accounts.dispute(_expert(who), id, body.text, who.account_id), ratings)


@router.get("/point-disputes")
def disputes(_: Reader, ratings: Ratings) -> PointDisputesOut:
    """Every dispute, the undecided first."""
    return PointDisputesOut(
        disputes=[
            PointDisputeOut(
                expert_id=one.expert_id,
                dissented=ratings.accounts.occasion(one).dissented,
                point=_point(one, ratings),
            )
            for one in ratings.accounts.disputes()
        ]
    )


@router.post("/point-disputes/{id}/decide")
def decide(id: str, body: DisputeDecisionIn, who: Decider, ratings: Ratings) -> AccountPointOut:
    """Keep the point or take it back (R-APPEAL-1)."""
    decided = ratings.accounts.decide(id, keep=body.keep, reason=body.reason, by=who.account_id)
    return _point(decided, ratings)


@router.get("/rating-watch")
def watch(_: Decider, ratings: Ratings) -> RatingWatchOut:
    """Deductions after dissent, per rater, beside the base rate."""
    return RatingWatchOut.of_base(*ratings.watch())


def _expert(who: Principal) -> ExpertId:
    if who.expert_id is None:
        raise UnknownExpert
    return who.expert_id


def _scheme(ratings: RatingService) -> SchemeOut | None:
    scheme = ratings.accounts.scheme
    return None if scheme is None else SchemeOut.of(scheme)


def _full(expert_id: ExpertId, ratings: RatingService) -> FullPointAccountOut:
    found = ratings.accounts.account(expert_id)
    return FullPointAccountOut(
        scheme=_scheme(ratings),
        account=PointAccountOut.of(found),
        points=[_point(one, ratings) for one in found.points],
    )


def _point(one: Point, ratings: RatingService) -> AccountPointOut:
    about, fact = ratings.accounts.occasion(one), ratings.facts.get(one.fact)
    return AccountPointOut.of(one, about, fact, ratings.accounts.scheme)
