from django.apps import AppConfig


class SocTrainerConfig(AppConfig):
    name = "soctrainer"

    def ready(self) -> None:
        # Both register themselves by being imported: the checks, and the Celery app that
        # `shared_task` functions belong to, in whatever process they are called from.
        from soctrainer import celery, checks  # noqa: F401
