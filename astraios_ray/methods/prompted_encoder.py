"""Virtual tokens before the input of an encoder, as peft puts them for P-tuning and prompt tuning.

The decoder reads what it reads without them. peft would make as many virtual tokens again for the decoder
(``num_transformer_submodules`` 2), and never use them; here there are none.
"""

from typing import Any

import peft
import torch

from astraios_ray.methods.tuned import Batch


class PromptedEncoder(peft.PeftModelForSeq2SeqLM):  # type: ignore[misc]  # peft has no types
    """peft's wrapper, except that it can be called like the base, with a cache or without."""

    def forward(self, **arguments: Any) -> Any:
        """The base's output; where the encoder's is given, the virtual tokens are in it."""
        if arguments.get("encoder_outputs") is not None:
            return self.base_model(**arguments)
        return self.base_model(**self.prepare(arguments))

    def prepare(self, batch: Batch) -> Batch:
        """The batch with embeddings for ``input_ids``, and the virtual tokens before each row."""
        arguments = dict(batch)
        ids, virtual = arguments.pop("input_ids"), self.active_peft_config.num_virtual_tokens
        embeddings = self.word_embeddings(ids)
        prompt = self.get_prompt(batch_size=1).to(embeddings.dtype).expand(len(ids), -1, -1)  # encoded once
        if (mask := arguments.get("attention_mask")) is not None:
            arguments["attention_mask"] = torch.cat([mask.new_ones(len(mask), virtual), mask], dim=1)
        return {"inputs_embeds": torch.cat([prompt, embeddings], dim=1), **arguments}
