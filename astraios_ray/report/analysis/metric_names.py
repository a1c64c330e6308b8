"""What evaluators call the metrics that the report looks for. A name that ends in a slash is a prefix."""

ANSWERED = "valid_share"  # in every score of a task that is answered by YES or NO

WORST = "robust_pass_at_1/"  # ReCode's RP@1, in every score of a robustness task; the change follows
CHANGE = "robust_change_at_1/"  # Astraios' RC@1; a category of changes follows
SOUND = "sound_share/"  # of rows whose own reference passes; a category of changes follows

COVERED = "covered"  # in every score of a security task, also where no program could be judged
VALID, WEAK, CLEAN = "valid", "insecure", "secure_valid"  # of security tasks
LANGUAGE, JUDGE = "valid/", "covered/"  # the name of a language or of a judge follows
