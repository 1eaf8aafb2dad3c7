"""The rows. Outside code imports models from here, but for the truth, which it must name.

Dependencies among the files run one way:
users < cohorts; evidence < scenarios < truth, assignments < tickets < hints, step_checks, step_times, tours, worksheets <
history, overrides; overrides < grades < picks, appeals, regradings < jobs; tickets < shifts.
"""

from . import truth as _truth  # noqa: F401  registered with Django, not part of this face
from .appeals import Appeal, AppealAnswer
from .assignments import Assignment, AssignmentItem, Policy
from .audit import AuditRecord
from .cohorts import Cohort, Enrollment
from .evidence import RECORD_KINDS, EvidenceBundle, EvidenceFile, EvidenceRecord
from .grades import CriterionResult, Grade
from .hashes import hash_json
from .hints import HintTaken
from .history import DraftVersion
from .jobs import AnalysisJob, GradeJob, Job, PoolJob, RegradingJob
from .notices import Notice
from .overrides import SHORTEST_REASON, Override
from .picks import RecordPick, claim_asked
from .regradings import Regrading, RegradingLine
from .rubric import RubricMark
from .saved_views import SavedView
from .scenarios import Scenario, ScenarioVersion, Severity, Variant
from .shifts import MIX_NAMES, Shift, ShiftArrival
from .step_checks import StepCheck, is_coached
from .step_times import StepTime
from .tickets import Ticket
from .tours import Tour
from .uploads import EvidenceUpload, UploadedFile
from .users import User
from .worksheets import ANSWER_FIELDS, TEXT_FIELDS, Submission, Worksheet

__all__ = [
    "ANSWER_FIELDS",
    "MIX_NAMES",
    "RECORD_KINDS",
    "SHORTEST_REASON",
    "TEXT_FIELDS",
    "AnalysisJob",
    "Appeal",
    "AppealAnswer",
    "Assignment",
    "AssignmentItem",
    "AuditRecord",
    "Cohort",
    "CriterionResult",
    "DraftVersion",
    "Enrollment",
    "EvidenceBundle",
    "EvidenceFile",
    "EvidenceRecord",
    "EvidenceUpload",
    "Grade",
    "GradeJob",
    "HintTaken",
    "Job",
    "Notice",
    "Override",
    "Policy",
    "PoolJob",
    "RecordPick",
    "Regrading",
    "RegradingJob",
    "RegradingLine",
    "RubricMark",
    "SavedView",
    "Scenario",
    "ScenarioVersion",
    "Severity",
    "Shift",
    "ShiftArrival",
    "StepCheck",
    "StepTime",
    "Submission",
    "Ticket",
    "Tour",
    "UploadedFile",
    "User",
    "Variant",
    "Worksheet",
    "claim_asked",
    "hash_json",
    "is_coached",
]
