
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0008_override_runs'),
    ]

    operations = [
        migrations.CreateModel(
            name='RubricMark',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('step', models.CharField(choices=[('reason', 'Reason'), ('supporting_evidence', 'Supporting evidence'), ('analysis', 'Analysis'), ('conclusion', 'Conclusion'), ('next_steps', 'Next steps')], max_length=20)),
                ('level', models.PositiveSmallIntegerField()),
                ('comment', models.TextField(blank=True, max_length=2000)),
                ('given_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['submission', 'given_at'],
            },
        ),
        migrations.AddField(
            model_name='cohort',
            name='profile',
            field=models.CharField(choices=[('five_steps', 'the five-step method'), ('sentinel', 'Microsoft Sentinel'), ('defender', 'Microsoft Defender XDR'), ('splunk', 'Splunk Enterprise Security'), ('secops', 'Google SecOps'), ('thehive', 'TheHive'), ('iris', 'DFIR-IRIS'), ('ocsf', 'OCSF')], default='five_steps', help_text='whose words the worksheet closes a ticket in; marks are the same in all of them', max_length=12, verbose_name='words for closing'),
        ),
        migrations.AddField(
            model_name='scenarioversion',
            name='weights',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddConstraint(
            model_name='cohort',
            constraint=models.CheckConstraint(condition=models.Q(('profile__in', ['five_steps', 'sentinel', 'defender', 'splunk', 'secops', 'thehive', 'iris', 'ocsf'])), name='cohort_profile_known'),
        ),
        migrations.AddField(
            model_name='rubricmark',
            name='given_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rubric_marks', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rubricmark',
            name='submission',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rubric_marks', to='tickets.submission'),
        ),
        migrations.AddConstraint(
            model_name='rubricmark',
            constraint=models.UniqueConstraint(fields=('submission', 'step', 'given_by'), name='one_rubric_mark_per_step_and_instructor'),
        ),
        migrations.AddConstraint(
            model_name='rubricmark',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['reason', 'supporting_evidence', 'analysis', 'conclusion', 'next_steps'])), name='rubric_mark_step_known'),
        ),
        migrations.AddConstraint(
            model_name='rubricmark',
            constraint=models.CheckConstraint(condition=models.Q(('level__lte', 2)), name='rubric_mark_level_known'),
        ),
    ]
