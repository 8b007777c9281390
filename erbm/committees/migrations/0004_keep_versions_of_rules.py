"""Keep each version of the rules of a body, and under which a sitting was convened."""

import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('committees', '0003_know_the_authority'),
        ('workflow', '0029_seal_as_owner'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BodyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_month', models.PositiveSmallIntegerField(default=1, verbose_name='à partir du mois')),
                ('every_months', models.PositiveSmallIntegerField(default=2, verbose_name='tous les … mois')),
                ('week', models.SmallIntegerField(choices=[(1, 'premier'), (2, 'deuxième'), (3, 'troisième'), (4, 'quatrième'), (-1, 'dernier')], default=2, verbose_name='semaine')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'lundi'), (1, 'mardi'), (2, 'mercredi'), (3, 'jeudi'), (4, 'vendredi')], default=1, verbose_name='jour')),
                ('starts_at', models.TimeField(default=datetime.time(14, 0), verbose_name='heure')),
                ('place', models.CharField(blank=True, max_length=300, verbose_name='lieu')),
                ('freeze_days', models.PositiveSmallIntegerField(default=10, verbose_name='ordre du jour arrêté … jours avant')),
                ('notice_days', models.PositiveSmallIntegerField(default=5, verbose_name='convoquée … jours avant')),
                ('quorum_percent', models.PositiveSmallIntegerField(default=50, verbose_name='quorum, en % des voix')),
                ('counts_proxies', models.BooleanField(default=True, verbose_name='les mandats comptent au quorum')),
                ('proxies_most', models.PositiveSmallIntegerField(default=1, verbose_name='mandats par membre')),
                ('needs_chairs', models.BooleanField(default=True, verbose_name='la présidence est requise')),
                ('votes', models.BooleanField(default=False, verbose_name='vote sur chaque point')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='source de ces règles')),
                ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                ('seats', models.JSONField(default=list, verbose_name='sièges')),
                ('at', models.DateTimeField(blank=True, null=True, verbose_name='écrite le')),
            ],
            options={
                'verbose_name': 'version de règles d’instance',
                'verbose_name_plural': 'versions de règles d’instance',
            },
        ),
        migrations.AlterConstraint(
            model_name='body',
            name='body_quorum_is_a_percentage',
            constraint=models.CheckConstraint(condition=models.Q(('quorum_percent__lte', 100)), name='body_quorum_is_a_percentage', violation_error_message='Le quorum va de 0 à 100 %%.'),
        ),
        migrations.AddField(
            model_name='bodyversion',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='auteur'),
        ),
        migrations.AddField(
            model_name='bodyversion',
            name='body',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='committees.body', verbose_name='instance'),
        ),
        migrations.AddField(
            model_name='sitting',
            name='convened_under',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='committees.bodyversion', verbose_name='règles de la convocation'),
        ),
        migrations.AddConstraint(
            model_name='bodyversion',
            constraint=models.UniqueConstraint(fields=('body', 'version'), name='body_version_is_written_once'),
        ),
    ]
