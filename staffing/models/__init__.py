"""Who is there: users and their rights, sites, posts, people, contacts, rosters and seats."""

from staffing.models.people import Contact, Disclosure, Person
from staffing.models.places import Department, Post, Site
from staffing.models.roster import Absence, Day, Edition, Holder, Need, Rotation, Shift, ShiftKind, Swap
from staffing.models.seats import FeedToken, Queue, Reading
from staffing.models.users import LoginAttempt, Membership, User

__all__ = [
    "Absence", "Contact", "Day", "Department", "Disclosure", "Edition", "FeedToken", "Holder", "LoginAttempt",
    "Membership", "Need", "Person", "Post", "Queue", "Reading", "Rotation", "Shift", "ShiftKind", "Site", "Swap",
    "User",
]  # fmt: skip
