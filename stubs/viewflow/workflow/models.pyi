# What workflow.models uses of viewflow.workflow.models.
import datetime
from typing import Any, ClassVar, Self

from django.db import models
from viewflow.workflow.fields import FlowReferenceField, TaskReferenceField

class AbstractProcess(models.Model):
    flow_class: FlowReferenceField
    status: models.CharField[str, str]
    created: models.DateTimeField[Any, datetime.datetime]
    finished: models.DateTimeField[Any, datetime.datetime | None]
    objects: ClassVar[models.Manager[Self]]
    class Meta:
        abstract = True

class AbstractTask(models.Model):
    flow_task: TaskReferenceField
    flow_task_type: models.CharField[str, str]
    assigned: models.DateTimeField[Any, datetime.datetime | None]
    started: models.DateTimeField[Any, datetime.datetime | None]
    finished: models.DateTimeField[Any, datetime.datetime | None]
    class Meta:
        abstract = True
