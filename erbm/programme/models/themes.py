"""The themes under which operations are counted; a list that the programme keeps."""

from django.db import models


class Theme(models.Model):
    """One subject of the engagement: housing, mobility, heritage…"""

    code = models.SlugField("code", max_length=40, unique=True)
    label = models.CharField("intitulé", max_length=120)
    rank = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "thème"

    def __str__(self) -> str:
        return self.label
