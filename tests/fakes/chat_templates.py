"""Chat templates in the ways of well-known models, for tokenizers that are made in tests."""

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GENERATION = (  # as CHATML, and it says itself what an answer is
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{% if message.role == 'assistant' %}"
    "{% generation %}{{ message.content }}<|im_end|>{% endgeneration %}{% else %}{{ message.content }}"
    "<|im_end|>{% endif %}\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TRIMMED = (  # Llama 2's: BOS in front of each question, contents trimmed, EOS behind answers, roles checked
    "{% for message in messages %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}{% if message.role == 'user' %}"
    "{{ bos_token + '[INST] ' + message.content | trim + ' [/INST]' }}{% else %}"
    "{{ ' ' + message.content | trim + ' ' + eos_token }}{% endif %}{% endfor %}"
)
THINKING = (  # Qwen3's: an empty thought in front of the last answer alone
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.role == 'assistant' and loop.last %}<think>\n\n</think>\n\n{% endif %}"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PLAIN = (  # no special token
    "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
CHATS = {
    "chatml": CHATML,
    "generation": GENERATION,
    "trimmed": TRIMMED,
    "thinking": THINKING,
    "plain": PLAIN,
}
