"""What evaluators call the metrics that the report looks for. A name that ends in a slash goes on."""

ANSWERED = "valid_share"  # in every score of a task that is answered by YES or NO

WORST = "robust_pass_at_1/"  # ReCode's RP@1, in every score of a robustness task; what was changed follows
CHANGE = "robust_change_at_1/"  # Astraios' RC@1; a category of changes follows
SOUND = "sound_share/"  # of rows whose own reference passes; a category of changes follows

COVERED = "covered"  # in every score of a security task, also where no program could be judged
VALID, WEAK, CLEAN = "valid", "insecure", "secure_valid"  # of security tasks
LANGUAGE, JUDGE = "valid/", "covered/"  # a language, a judge's name follows
