"""Keep grants, their payments, their documents and what Chorus says of them."""

import django.db.models.deletion
import erbm.grants.models.documents
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('funding', '0004_lines_follow_their_grant'),
        ('operations', '0004_search_index'),
        ('programme', '0002_keep_envelopes_and_rules'),
        ('workflow', '0027_witnesses'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='%(class)s', serialize=False, to='workflow.case')),
                ('scheme', models.CharField(choices=[('detr', 'DETR'), ('dsil', 'DSIL'), ('dsid', 'DSID'), ('fnadt', 'FNADT'), ('housing', 'Aides à la pierre (programme 135)'), ('region', 'Région'), ('departement', 'Département'), ('epci', 'EPCI'), ('feder', 'FEDER'), ('ftj', 'FTJ'), ('operator', 'Opérateur de l’État'), ('other', 'Autre financeur'), ('own', 'Fonds propres et emprunts du porteur')], max_length=20, verbose_name='dispositif')),
                ('year', models.PositiveSmallIntegerField(verbose_name='exercice')),
                ('requested_cents', models.BigIntegerField(default=0, verbose_name='montant demandé en centimes')),
                ('programmed_cents', models.BigIntegerField(default=0, verbose_name='montant programmé en centimes')),
                ('award_cents', models.BigIntegerField(default=0, verbose_name='montant attribué en centimes')),
                ('basis_cents', models.BigIntegerField(default=0, verbose_name='dépense subventionnable en centimes')),
                ('rate', models.PositiveIntegerField(default=0, verbose_name='taux en centièmes de pour cent')),
                ('spent_cents', models.BigIntegerField(default=0, verbose_name='dépense déclarée en centimes')),
                ('real_cost_cents', models.BigIntegerField(default=0, verbose_name='dépense retenue en centimes')),
                ('due_cents', models.BigIntegerField(default=0, verbose_name='total dû en centimes')),
                ('repayment_cents', models.BigIntegerField(default=0, verbose_name='reversement demandé en centimes')),
                ('act_kind', models.CharField(choices=[('order', 'Arrêté attributif'), ('agreement', 'Convention attributive')], default='order', max_length=20, verbose_name='forme de l’acte')),
                ('purpose', models.TextField(blank=True, verbose_name='objet')),
                ('planned_start_on', models.DateField(blank=True, null=True, verbose_name='commencement prévu le')),
                ('planned_end_on', models.DateField(blank=True, null=True, verbose_name='achèvement prévu le')),
                ('payment_terms', models.TextField(blank=True, verbose_name='modalités de versement')),
                ('repayment_terms', models.TextField(blank=True, verbose_name='clause de reversement')),
                ('appeal_terms', models.TextField(blank=True, verbose_name='voies et délais de recours')),
                ('act_reference', models.CharField(blank=True, max_length=300, verbose_name='référence de l’acte')),
                ('signed_on', models.DateField(blank=True, null=True, verbose_name='signée le')),
                ('notified_on', models.DateField(blank=True, null=True, verbose_name='notifiée le')),
                ('proof_kind', models.CharField(blank=True, max_length=20, verbose_name='preuve de notification')),
                ('proof', models.CharField(blank=True, max_length=300, verbose_name='référence de la preuve')),
                ('ej_number', models.CharField(blank=True, max_length=40, verbose_name='numéro d’EJ')),
                ('early_start', models.CharField(blank=True, max_length=20, verbose_name='commencement anticipé')),
                ('received_on', models.DateField(verbose_name='demande reçue le')),
                ('documents_due_on', models.DateField(blank=True, null=True, verbose_name='pièces attendues le')),
                ('documents_asked_on', models.DateField(blank=True, null=True, verbose_name='pièces demandées le')),
                ('completeness_due_on', models.DateField(blank=True, null=True, verbose_name='complétude, dernier jour')),
                ('complete_on', models.DateField(blank=True, null=True, verbose_name='complète le')),
                ('is_deemed_complete', models.BooleanField(default=False, verbose_name='réputée complète')),
                ('decision_due_on', models.DateField(blank=True, null=True, verbose_name='décision attendue le')),
                ('started_on', models.DateField(blank=True, null=True, verbose_name='commencée le')),
                ('completed_on', models.DateField(blank=True, null=True, verbose_name='achevée le')),
                ('settled_on', models.DateField(blank=True, null=True, verbose_name='soldée le')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='clôturée le')),
                ('repaid_on', models.DateField(blank=True, null=True, verbose_name='reversée le')),
                ('deadline_on', models.DateField(blank=True, null=True, verbose_name='délai en cours')),
                ('is_extended', models.BooleanField(default=False, verbose_name='délai prorogé')),
                ('balance_due_on', models.DateField(blank=True, null=True, verbose_name='solde à demander avant le')),
                ('hearing_about', models.CharField(blank=True, max_length=20, verbose_name='mesure proposée')),
                ('hearing_until', models.DateField(blank=True, null=True, verbose_name='observations attendues le')),
                ('observed_on', models.DateField(blank=True, null=True, verbose_name='observations reçues le')),
                ('envelope', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programme.envelope', verbose_name='enveloppe')),
                ('funder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow.unit', verbose_name='financeur')),
                ('line', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grant', to='funding.line', verbose_name='ligne du plan')),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='operations.operation', verbose_name='opération')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow.unit', verbose_name='bénéficiaire')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programme.schemerule', verbose_name='règles appliquées')),
            ],
            options={
                'verbose_name': 'subvention',
            },
        ),
        migrations.CreateModel(
            name='EuropeanFunds',
            fields=[
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='european', serialize=False, to='grants.grant', verbose_name='subvention')),
                ('programme', models.CharField(max_length=200, verbose_name='programme')),
                ('axis', models.CharField(max_length=200, verbose_name='priorité ou axe')),
                ('objective', models.CharField(blank=True, max_length=200, verbose_name='objectif spécifique')),
                ('authority', models.CharField(max_length=200, verbose_name='autorité de gestion')),
                ('reference', models.CharField(blank=True, max_length=60, verbose_name='numéro de dossier')),
                ('eligible_from', models.DateField(verbose_name='dépenses éligibles du')),
                ('eligible_until', models.DateField(verbose_name='dépenses éligibles au')),
                ('rate', models.PositiveIntegerField(verbose_name='taux de cofinancement, en centièmes de pour cent')),
            ],
            options={
                'verbose_name': 'fonds européen d’une subvention',
                'verbose_name_plural': 'fonds européens des subventions',
            },
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=80, verbose_name='périmètre')),
                ('number', models.CharField(max_length=40, verbose_name='numéro')),
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='commitment', to='grants.grant', verbose_name='subvention')),
            ],
            options={
                'verbose_name': 'engagement juridique',
                'verbose_name_plural': 'engagements juridiques',
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='%(class)s', serialize=False, to='workflow.case')),
                ('kind', models.CharField(choices=[('advance', 'Avance'), ('instalment', 'Acompte'), ('balance', 'Solde')], max_length=20, verbose_name='nature')),
                ('spent_cents', models.BigIntegerField(default=0, verbose_name='dépense justifiée en centimes')),
                ('requested_on', models.DateField(blank=True, null=True, verbose_name='demandé le')),
                ('certified_on', models.DateField(blank=True, null=True, verbose_name='certifié le')),
                ('paid_on', models.DateField(blank=True, null=True, verbose_name='payé le')),
                ('payment_reference', models.CharField(blank=True, max_length=300, verbose_name='référence du paiement')),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='grants.grant', verbose_name='subvention')),
            ],
            options={
                'verbose_name': 'paiement',
            },
        ),
        migrations.CreateModel(
            name='GrantDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('deliberation', 'Délibération ou décision du porteur'), ('quotes', 'Devis ou marché'), ('act', 'Acte attributif signé'), ('proof', 'Preuve de notification'), ('start', 'Premier acte juridique'), ('invoices', 'Factures acquittées'), ('statement', 'État récapitulatif des dépenses'), ('completion', 'Attestation d’achèvement'), ('observations', 'Observations du bénéficiaire'), ('other', 'Autre pièce')], max_length=20, verbose_name='nature')),
                ('title', models.CharField(max_length=200, verbose_name='titre')),
                ('file', models.FileField(upload_to=erbm.grants.models.documents.storage_name, verbose_name='fichier')),
                ('filename', models.CharField(max_length=200, verbose_name='nom du fichier')),
                ('content_type', models.CharField(max_length=100, verbose_name='type')),
                ('size', models.PositiveIntegerField(verbose_name='taille en octets')),
                ('sha256', models.CharField(max_length=64, verbose_name='empreinte SHA-256')),
                ('added_at', models.DateTimeField(verbose_name='jointe le')),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='jointe par')),
                ('grant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='grants.grant', verbose_name='subvention')),
                ('payment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='grants.payment', verbose_name='paiement')),
            ],
            options={
                'verbose_name': 'pièce de subvention',
                'verbose_name_plural': 'pièces de subvention',
            },
        ),
        migrations.CreateModel(
            name='RequestedPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=300, verbose_name='pièce demandée')),
                ('asked_on', models.DateField(verbose_name='demandée le')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='grants.grantdocument', verbose_name='pièce fournie')),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requested_pieces', to='grants.grant', verbose_name='subvention')),
            ],
            options={
                'verbose_name': 'pièce demandée',
                'verbose_name_plural': 'pièces demandées',
            },
        ),
        migrations.CreateModel(
            name='Restitution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filename', models.CharField(max_length=200, verbose_name='fichier')),
                ('sha256', models.CharField(max_length=64, unique=True, verbose_name='empreinte SHA-256')),
                ('rows', models.PositiveIntegerField(verbose_name='lignes')),
                ('at', models.DateTimeField(verbose_name='reçu le')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reçu par')),
            ],
            options={
                'verbose_name': 'restitution Chorus',
                'verbose_name_plural': 'restitutions Chorus',
            },
        ),
        migrations.CreateModel(
            name='Difference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('missing', 'EJ absent de Chorus'), ('amount', 'Montant engagé différent'), ('paid', 'Montant payé différent'), ('unknown', 'EJ inconnu ici')], max_length=20, verbose_name='écart')),
                ('ej_number', models.CharField(max_length=40, verbose_name='numéro d’EJ')),
                ('ours_cents', models.BigIntegerField(null=True, verbose_name='ici, en centimes')),
                ('theirs_cents', models.BigIntegerField(null=True, verbose_name='Chorus, en centimes')),
                ('answer', models.CharField(choices=[('open', 'À traiter'), ('accepted', 'Accepté : à corriger'), ('dismissed', 'Écarté')], default='open', max_length=20, verbose_name='suite')),
                ('reason', models.TextField(blank=True, verbose_name='motif')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='traité le')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='traité par')),
                ('grant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='differences', to='grants.grant', verbose_name='subvention')),
                ('restitution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='differences', to='grants.restitution', verbose_name='restitution')),
            ],
            options={
                'verbose_name': 'écart avec Chorus',
                'verbose_name_plural': 'écarts avec Chorus',
            },
        ),
        migrations.CreateModel(
            name='EuropeanPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=300, verbose_name='pièce')),
                ('rank', models.PositiveSmallIntegerField(default=0, verbose_name='rang')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='grants.grantdocument', verbose_name='pièce jointe')),
                ('funds', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pieces', to='grants.europeanfunds', verbose_name='fonds européen')),
            ],
            options={
                'verbose_name': 'pièce pour l’autorité de gestion',
                'verbose_name_plural': 'pièces pour l’autorité de gestion',
            },
        ),
        migrations.AddConstraint(
            model_name='europeanfunds',
            constraint=models.CheckConstraint(condition=models.Q(('eligible_until__gte', models.F('eligible_from'))), name='european_period_has_an_end'),
        ),
        migrations.AddConstraint(
            model_name='europeanfunds',
            constraint=models.CheckConstraint(condition=models.Q(('rate__lte', 10000)), name='european_rate_is_a_part'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('award_cents__gte', 0), ('basis_cents__gte', 0), ('due_cents__gte', 0), ('programmed_cents__gte', 0), ('real_cost_cents__gte', 0), ('repayment_cents__gte', 0), ('requested_cents__gt', 0), ('spent_cents__gte', 0)), name='grant_amounts_are_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('rate__lte', 10000)), name='grant_rate_is_a_part'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('programmed_cents__lte', models.F('requested_cents')), ('award_cents__lte', models.F('requested_cents'))), name='grant_gives_no_more_than_it_was_asked'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('due_cents__lte', models.F('award_cents'))), name='grant_owes_no_more_than_it_awarded'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('notified_on', None), ('signed_on__isnull', False), _connector='OR'), name='grant_is_notified_once_signed'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('ej_number', ''), ('notified_on__isnull', False), _connector='OR'), name='grant_is_committed_once_notified'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.UniqueConstraint(fields=('scope', 'number'), name='commitment_number_serves_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['advance', 'instalment', 'balance'])), name='payment_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('spent_cents__gte', 0)), name='payment_spending_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('paid_on', None), ('certified_on__isnull', False), _connector='OR'), name='payment_is_paid_once_certified'),
        ),
        migrations.AddConstraint(
            model_name='grantdocument',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grant', None), ('payment__isnull', False)), models.Q(('grant__isnull', False), ('payment', None)), _connector='OR'), name='grant_document_belongs_to_one_case'),
        ),
        migrations.AddConstraint(
            model_name='difference',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'open'), ('answered_by', None)), models.Q(models.Q(('answer', 'open'), _negated=True), ('answered_by__isnull', False)), _connector='OR'), name='difference_is_answered_by_somebody'),
        ),
    ]
