"""The trainer formats by name."""

from releases.trainers import dpo, relevance_classifier, reward
from releases.trainers.trainer import Trainer

TRAINERS: dict[str, Trainer] = {
    trainer.name: trainer for trainer in (dpo.TRAINER, reward.TRAINER, relevance_classifier.TRAINER)
}
