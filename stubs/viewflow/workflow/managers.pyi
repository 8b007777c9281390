from typing import TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model, covariant=True)

class TaskQuerySet(models.QuerySet[M]): ...
