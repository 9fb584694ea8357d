"""Writes Tests/TokenizersTests/Fixtures/chats.json: templates and what transformers renders.

Made with Python 3.11, transformers 5.24.0 and jinja2 3.1.6. Run from the repository's root:

    python Tests/Oracles/make_chat_fixtures.py

The templates are written here with the constructs of the published ones; the first is that of
SmolLM2-135M-Instruct (Apache-2.0).
"""

import json
from pathlib import Path

from transformers.utils.chat_template_utils import _compile_jinja_template, render_jinja_template

OUT = Path("Tests/TokenizersTests/Fixtures/chats.json")

SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
    "<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA3 = """{%- set ns = namespace(system=none) %}
{#- The system message stands first, with today's date. -#}
{%- if messages and messages[0].role == "system" %}
    {%- set ns.system = messages[0].content | trim %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{%- if date_string is not defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{{- bos_token }}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" -}}
{{- "Today Date: " ~ date_string ~ "\\n\\n" }}
{%- if ns.system %}
    {{- ns.system }}
{%- endif %}
{{- "<|eot_id|>" }}
{%- for message in rest %}
    {%- if message.role in ["user", "assistant"] or message.role == "tool" %}
        {{- '<|start_header_id|>' ~ (message.role if message.role != "tool" else "ipython") ~ '<|end_header_id|>\\n\\n' }}
        {%- if message.tool_calls is defined and message.tool_calls %}
            {%- for call in message.tool_calls %}
                {{- '{"name": "' + call.function.name + '", "parameters": ' }}
                {{- call.function.arguments | tojson }}{{- "}" }}
            {%- endfor %}
        {%- else %}
            {{- message.content | trim }}
        {%- endif %}
        {{- '<|eot_id|>' }}
    {%- else %}
        {{- raise_exception("unknown role: " + message.role) }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""
MISTRAL = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must alternate user/assistant/user/assistant') }}
    {%- endif %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"].strip() + eos_token }}
    {%- endif %}
{%- endfor %}
"""
QWEN = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are a helpful assistant.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}{{- tool_call.name }}{{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}{{- message.content }}{{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not "
    "supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != "
    "(loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = "
    "message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + "
    "'<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}"
    "{% endif %}"
)
GENERATION = """{% macro header(role, end='') %}<|{{ role | upper }}|>{{ end }}{% endmacro %}
{%- for message in messages if message.content %}
{{ header(message.role, end='\n') -}}
{% if message.role == 'assistant' %}{% generation %}{{ message.content }}<|end|>{% endgeneration %}

{% else %}
{{ message.content }}<|end|>
{% endif %}
{% endfor -%}
{{ header('assistant') if add_generation_prompt }}"""

TEMPLATES = {
    "smollm2": SMOLLM2,
    "llama3": LLAMA3,
    "mistral": MISTRAL,
    "qwen": QWEN,
    "zephyr": ZEPHYR,
    "gemma": GEMMA,
    "generation": GENERATION,
}


def message(role, content, **fields):
    return {"role": role, "content": content, **fields}


TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"days": [1, 2.5, None]}}}
CHATS = [
    ([message("user", "Hi")], {}),
    ([message("user", "  Hi é 漢字 😀 \n"), message("assistant", " Hello, <b>'you'</b>! \n")], {}),
    (
        [
            message("system", "Be brief.\n"),
            message("user", "What's 1+1?"),
            message("assistant", "2"),
            message("user", "And\n\n2+2?"),
            message("assistant", "4 – four\n\nreally"),
        ],
        {},
    ),
    (
        [
            message("user", "Weather?"),
            message(
                "assistant",
                "",
                tool_calls=[{"function": {"name": "weather", "arguments": {"city": "Köln", "n": 3}}}],
            ),
            message("tool", '{"t": 21}'),
            message("tool", "sunny"),
            message("assistant", "It is 21°."),
        ],
        {"tools": [TOOL]},
    ),
    ([message("user", "a"), message("user", "b")], {}),
    ([message("assistant", "I begin.")], {}),
    ([message("critic", "no")], {"date_string": "1 Jan 2026"}),
]

# Single constructs, with the variables below.
VARIABLES = {
    "n": 7,
    "f": 2.5,
    "s": "Hello, wörld 漢字",
    "pad": "  x y \n",
    "l": [3, 1, 2],
    "words": ["b", "A", "c", "a"],
    "d": {"b": 1, "a": {"x": [True, None, "é\"\\\n\u0001\u007f"]}, "items": 5},
    "people": [
        {"name": "Ann", "age": 30, "tags": ["x"]},
        {"name": "Bob", "age": 25, "tags": []},
        {"name": "Cy", "age": 41},
    ],
    "yes": True,
    "no": False,
    "nil": None,
    "empty": [],
    "turns": [
        {"role": "system", "content": " Be brief.\n"},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " What is it? "}]},
        {"role": "assistant", "content": "<think>\nA cat\nor not\n</think>\n\nA cat."},
        {"role": "user", "content": "Sure?"},
        {"role": "user", "content": "<t>tool</t>"},
        {"role": "assistant", "content": "Quite sure."},
    ],
    "tool": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "required": ["city"],
            "properties": {
                "city": {"type": "string"},
                "days": {"type": "array", "items": {"type": "integer"}},
                "unit": {"type": "string", "enum": ["C", "F"]},
                "at": {"type": "object", "properties": {"hour": {"type": "number"}}, "required": ["hour"]},
            },
        },
    },
}
CONSTRUCTS = [
    "{{ n + 1 }} {{ n - 10 }} {{ n * 3 }} {{ n / 2 }} {{ n // 2 }} {{ n % 4 }} {{ -n // 2 }} {{ -n % 4 }} {{ 2 ** 10 }} {{ 2 ** -1 }}",
    "{{ f + 1 }} {{ f * 2 }} {{ 7.0 // 2 }} {{ 1e3 }} {{ 1.5e-7 }} {{ 10 / 5 }} {{ 1_000 }} {{ -f }} {{ +n }}",
    "{{ 'a' + 'b' ~ 1 ~ none ~ true ~ 2.0 }} {{ 'ab' * 3 }} {{ 'a' 'b' \"c\" }} {{ [1] + [2] }}",
    "{{ n == 7 }} {{ n != 7 }} {{ 1 < 2 <= 2 }} {{ 3 > 2 > 2 }} {{ 'a' < 'b' }} {{ 1 == 1.0 }} {{ true == 1 }} {{ nil == none }} {{ [1, 'a'] == [1, 'a'] }}",
    "{{ 'ell' in s }} {{ 'z' not in s }} {{ 3 in l }} {{ 'b' in d }} {{ not 3 in l }} {{ 'x' in missing }}",
    "{{ yes and n }} {{ no or 'x' }} {{ not yes }} {{ nil or no or '' or 0 }} {{ yes and no or 5 }}",
    "{{ 'a' if yes else 'b' }} {{ 'a' if no else 'b' }} [{{ 'a' if no }}] {{ 1 if no else 2 if no else 3 }}",
    "{{ s[0] }} {{ s[-1] }} {{ s[1:4] }} {{ s[::-1] }} {{ s[:-2] }} {{ l[1:] }} {{ l[::2] }} {{ l[-1] }} [{{ l[9] }}] {{ l[5:] }} {{ s[-100:3] }}",
    "{{ d.b }} {{ d['b'] }} {{ d.a.x[0] }} [{{ d.zzz }}] {{ d['items'] }} {{ d.get('b') }} {{ d.get('q', 3) }} {{ d.get('q') }}",
    "{{ d.items() | list | length }} {% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %} {{ d.keys() | list }} {{ d.values() | list | length }}",
    "{{ d }} {{ l }} {{ people[1] }} {{ [none, true, 1.0, 'it\\'s', \"q\\\"\"] }} {{ {} }} {{ [] }} {{ {'a': 1, 'b': [2]} }}",
    "{{ d | tojson }} {{ d | tojson(indent=2) }} {{ l | tojson }} {{ 'é\"' | tojson }} {{ {} | tojson(indent=4) }} {{ [[], [1]] | tojson(indent=1) }}",
    "{{ d | tojson(separators=(',', ':')) }} {{ d | tojson(sort_keys=true) }} {{ f | tojson }} {{ 1e20 | tojson }} {{ 100000.0 | tojson }}",
    "[{{ pad | trim }}] [{{ pad.strip() }}] [{{ pad.lstrip() }}] [{{ pad.rstrip() }}] [{{ 'xxaxx'.strip('x') }}] [{{ 'xay' | trim('xy') }}]",
    "{{ s | upper }} {{ s | lower }} {{ s | length }} {{ 'hello wORLD-foo bar' | title }} {{ 'hELLO' | capitalize }} {{ 'a1b c'.title() }} {{ s | count }}",
    "{{ l | join(', ') }} {{ l | join }} {{ people | join('/', attribute='name') }} {{ words | sort | join }} {{ l | sort }} {{ l | sort(reverse=true) }}",
    "{{ l | first }} {{ l | last }} [{{ empty | first }}] {{ s | first }} {{ l | max }} {{ l | min }} {{ l | sum }} {{ l | reverse | list }} {{ 'abc' | reverse }}",
    "{{ missing | default('x') }} {{ nil | default('x') }} {{ nil | default('x', true) }} {{ '' | d('y', boolean=true) }} [{{ missing }}] {{ missing is defined }}",
    "{{ 'a-b-c' | replace('-', '+') }} {{ 'aaa' | replace('a', 'b', 2) }} {{ 'abc'.replace('b', '') }} {{ 'ab'.replace('', '.') }}",
    "{{ people | selectattr('age', 'gt', 28) | map(attribute='name') | list }} {{ people | rejectattr('tags') | map(attribute='name') | join(',') }}",
    "{{ people | selectattr('tags', 'defined') | list | length }} {{ people | selectattr('name', 'equalto', 'Bob') | first }} {{ [0, 1, 2] | select | list }} {{ l | select('odd') | list }} {{ l | reject('eq', 1) | list }}",
    "{{ words | map('upper') | join }} {{ people | map(attribute='tags', default='none') | list }} {{ ['1', '2'] | map('int') | sum }} {{ words | unique | list }}",
    "{{ '3' | int }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ '2.5' | float }} {{ 2.9 | int }} {{ 2.567 | round(2) }} {{ 2.5 | round }} {{ -3 | abs }} {{ n | string ~ 'x' }}",
    "{{ n is number }} {{ s is string }} {{ d is mapping }} {{ l is iterable }} {{ l is sequence }} {{ s is iterable }} {{ nil is none }} {{ yes is boolean }} {{ yes is true }} {{ no is false }} {{ n is integer }} {{ f is float }}",
    "{{ n is odd }} {{ n is even }} {{ n is divisibleby 7 }} {{ n is divisibleby(2) }} {{ n is not none }} {{ d is not mapping }} {{ 1 is in [1, 2] }} {{ missing is undefined }} {{ n is eq 7 }} {{ 'a' is lower }} {{ range is callable }}",
    "{{ range(3) | list }} {{ range(1, 7, 2) | list }} {{ range(5, 0, -2) | list }} {{ dict(a=1, b='x') }}",
    "{{ 'a,b,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'a</think>b'.split('</think>')[-1] }} {{ 'a\\nb\\r\\nc'.splitlines() }}",
    "{{ s.startswith('Hell') }} {{ s.endswith('字') }} {{ s.find('w') }} {{ s.find('q') }} {{ 'banana'.rfind('an') }} {{ 'banana'.count('an') }} {{ '-'.join(words) }} {{ '12'.isdigit() }} {{ 'prefix'.removeprefix('pre') }} {{ 'x'.startswith(('a', 'x')) }}",
    "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}[{{ loop.previtem }}|{{ loop.nextitem }}]{{ loop.cycle('a', 'b') }} {% endfor %}",
    "{% for x in l if x > 1 %}{{ x }}{{ loop.last }}{% else %}none{% endfor %}{% for x in empty %}x{% else %}nothing{% endfor %}",
    "{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% if loop.index == 2 %}{% break %}{% endif %}{% endfor %}",
    "{% for a, b in [[1, 2], [3, 4]] %}{{ a }}-{{ b }} {% endfor %}{% for (a, b) in [(5, 6)] %}{{ a }}{{ b }}{% endfor %}{% for c in 'añ' %}{{ c }}.{% endfor %}{% for k in d %}{{ k }}{% endfor %}",
    "{% set x = 1 %}{% for i in l %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}{% if yes %}{% set x = 9 %}{% endif %}{{ x }}",
    "{% set ns = namespace(c=0, t='') %}{% for i in l %}{% set ns.c = ns.c + i %}{% set ns.t = ns.t ~ i %}{% endfor %}{{ ns.c }}{{ ns.t }}{{ ns.zzz is defined }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t = 1, 2 %}{{ t[1] }}{% set x %}in {{ n }} it{% endset %}{{ x }}{% set y | upper | trim %} abc {% endset %}[{{ y }}]",
    "{% macro m(a, b=2, c='z') %}<{{ a }}{{ b }}{{ c }}>{% endmacro %}{{ m(1) }}{{ m(1, c=3) }}{{ m(b=5, a=4) }}{{ m() }}{{ m('q') | upper }}",
    "{% macro f(x) %}{% if x > 0 %}{{ x }}{{ f(x - 1) }}{% endif %}{% endmacro %}{{ f(5) }}",
    "{% macro g() %}{{ n }}{{ top }}{% endmacro %}{% set top = 'T' %}{{ g() }}",
    "{% with a = 1, b = n %}{{ a + b }}{% endwith %}{{ a is defined }}",
    "  {% if yes %}\n  a\n  {% endif %}\nb\n{# comment #}\nc {# inline #} d\n",
    "a\n\n  {%- if yes -%}  \n  b  \n {%- endif %}\n\nc\n\n",
    "x  {{- n -}}  y {{ n }} \n {{ n }}\nz",
    "  {%+ if yes %}k{% endif +%}\nl\n{% if yes +%}\nm{% endif %}",
    "\n\n{% set q = 1 %}\n\n{{ q }}\n",
    "{% raw %}{{ not }} {% rendered %}{% endraw %} after",
    "a\r\nb\rc {{ 'd\\r\\ne\\te\\x41\\u00e9\\\\n\\q' }}",
    "{% if nil %}1{% elif n == 7 %}2{% else %}3{% endif %}{% if empty %}1{% elif '' %}2{% else %}3{% endif %}",
    "{{ people[0]['name'] ~ people[0].age }} {{ people[-1].name }} {{ (people | last).name }} {{ people[0].name.upper()[0] }} {{ d['a']['x'][-1] | length }}",
    "{{ (n, 'x') | length }} {{ [1, 2, 3][1] }} {{ {'k': 'v'}['k'] }} {{ {'k': 'v'}.k }} {{ ('a' ~ 'b').upper() }} {{ -n | abs }}",
    "{{ words | length > 3 and 'yes' or 'no' }} {{ not words | length == 0 }} {{ n is defined and n > 3 }}",
    "{{ d | dictsort | first | first }} {{ d | items | list | length }} {{ '<a & \"b\">' | e }} {{ 'a\\nb\\n\\nc' | indent }} {{ 'a\\nb' | indent(2, true) }} {{ l | list }}",
    "{{ nil.x is defined }} {{ n.x is defined }} [{{ d.q }}] {{ d.q is defined }} {{ s.foo is undefined }}",
    "{{ missing.attribute }}",
    "{{ 1 + 'a' }}",
    "{{ nil | length }}",
    "{{ n() }}",
    "{{ l | nosuchfilter }}",
    "{% if n %}",
    "{{ n",
    "{% endfor %}",
    "{{ 1 / 0 }}",
    "{% for x in 5 %}{% endfor %}",
    "{{ l.append(4) }}",
    "{{ raise_exception('stop: ' ~ n) }}",
    "{{ ',' in 5 }}",
    "{{ a b }}",
    # What newer published templates do: reasoning cut off, parts of content, tools as TypeScript.
    "{% for m in turns[::-1] %}{% set i = (turns | length - 1) - loop.index0 %}{{ i }}{{ m.role }} {% endfor %}",
    "{% set ns = namespace(multi=true, last=turns | length - 1) %}{% for m in turns[::-1] %}{% set i = ns.last - loop.index0 %}{% if ns.multi and m.role == 'user' and m.content is string and not (m.content.startswith('<t>') and m.content.endswith('</t>')) %}{% set ns.multi = false %}{% set ns.last = i %}{% endif %}{% endfor %}{{ ns.last }}",
    "{% for m in turns %}{% if m.content is string and '</think>' in m.content %}[{{ m.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') }}|{{ m.content.split('</think>')[-1].lstrip('\\n') }}]{% endif %}{% endfor %}",
    "{% for m in turns %}{% if m.content is string %}{{ m.content | trim }}{% elif m.content is iterable %}{% for part in m.content %}{% if part.type == 'image' %}<image>{% elif part.type == 'text' %}{{ part['text'] | trim }}{% endif %}{% endfor %}{% endif %};{% endfor %}",
    "{{ turns | selectattr('role', 'equalto', 'user') | list | length }} {{ turns | map(attribute='role') | unique | join('+') }} {{ (turns | first).role }} {{ (turns | rejectattr('role', 'in', ['user', 'system']) | list)[0].role }}",
    "{% macro kind(spec, required=[], nullable=false) -%}{%- if spec.type == 'array' -%}{%- if spec['items'] -%}{{ kind(spec['items']) }}[]{%- else -%}any[]{%- endif -%}{%- elif spec.enum is defined and spec.enum -%}{{ '\"' ~ spec.enum | join('\" | \"') ~ '\"' }}{%- elif spec.type == 'object' and spec.properties is defined -%}{ {% for k, v in spec.properties.items() %}{{ k }}{% if k not in required %}?{% endif %}: {{ kind(v, spec.required or []) }}{% if not loop.last %}, {% endif %}{% endfor %} }{%- else -%}{{ spec.type }}{%- endif -%}{%- endmacro %}{{ kind(tool.parameters, tool.parameters.required) }}",
    "{% for tool in [tool] %}{{ tool | tojson(indent=4) }}\n{{ {'type': 'function', 'function': tool} | tojson }}{% endfor %}",
    "{%- if tool is defined and tool.parameters is mapping and tool.parameters.properties | length > 0 %}{% for name, spec in tool.parameters.properties | dictsort %}{{ loop.index }}. {{ name | capitalize }}: {{ spec.type | default('any', true) }}\n{% endfor %}{% endif -%}",
    "{% set thinking = enable_thinking if enable_thinking is defined else true %}{% if thinking is true %}on{% else %}off{% endif %}{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}",
    "{% set system = turns[0].content if turns[0].role == 'system' else 'You are helpful.' %}{{ system }}{{ '\\n' if system and not loop is defined }}",
    "{%- set loop_messages = turns[1:] if turns[0].role == 'system' else turns -%}{% for m in loop_messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}!{% endif %}{{ loop.index0 }}{% endfor %}",
    "{{ '%s-%d' % ('a', 3) if false else 'x' }}{{ 'Today is ' ~ (today | default('unknown')) ~ '.' }}",
    "{% for m in turns %}{% if not loop.first and loop.previtem.role == m.role %}={% endif %}{% if loop.nextitem is defined and loop.nextitem.role != m.role %}/{% endif %}{% if loop.last %}.{% endif %}{% endfor %}",
    "{% for a in [1, 2] %}{% set outer = loop %}{% for b in 'xy' %}{{ outer.index }}{{ loop.index }}{{ b }} {% endfor %}{% endfor %}",
    "{% set parts = [] %}{% set parts = parts + ['a'] %}{% set parts = parts + ['b', 'c'] %}{{ parts | join(', ') }} {{ parts[:-1] | join(', ') ~ ' and ' ~ parts[-1] }}",
    "{% set found = namespace(value=false) %}{% for m in turns if m.role == 'assistant' %}{% if not found.value %}{% set found.value = true %}{{ m.role }}{% endif %}{% endfor %}",
    "{{ turns[0]['content'] | string | length }} {{ turns[0].get('name', 'nobody') }} {{ turns[0].name is undefined }} {{ (turns[0].name or 'x') ~ '!' }}",
    "{{ 'line one\\nline two' | replace('\\n', ' ') }} {{ '  a ' | trim | length }} {{ 'A_b'.lower().replace('_', '-') }} {{ 'x:y:z'.split(':')[1:] | join('.') }}",
    "{{ [1, 2, 3, 4] | batch(2) | list if false else [1, 2] | sum }} {{ [{'v': 2}, {'v': 1}] | sort(attribute='v') | map(attribute='v') | list }} {{ [{'v': 2}] | sum(attribute='v') }}",
    "{%- for m in turns -%}\n  {%- if m.role == 'user' -%}\n    U\n  {%- else -%}\n    A\n  {%- endif -%}\n  {{- ' ' -}}\n{%- endfor -%}",
    "{{- 'bos' }}\n{%- if true %}\n    {{- '\\n' }}indented\n{%- endif %}\n{{ 'x' -}}   \n  y",
    "{{ tool.parameters.properties.keys() | list }} {{ tool.parameters.properties.values() | map(attribute='type') | join }} {{ 'city' in tool.parameters.properties }}",
    "{% if turns[-1].role != 'assistant' or turns[-1].content is not string %}1{% else %}{{ turns[-1].content[:5] }}…{% endif %}",
    "{% macro turn(role, text) %}<|{{ role }}|>{{ caller() if caller is defined else text }}{% endmacro %}{{ turn('user', 'hi') }}",
]


def render(template, messages, prompt, extra):
    try:
        texts, spans = render_jinja_template(
            conversations=[messages],
            chat_template=template,
            add_generation_prompt=prompt,
            return_assistant_tokens_mask="generation %}" in template,
            bos_token="<s>",
            eos_token="</s>",
            **extra,
        )
    except Exception as error:  # noqa: BLE001 - what it is called differs; that it fails does not
        return {"error": str(error)}
    text = texts[0]
    result = {"text": text}
    if spans:
        result["spans"] = [
            [len(text[:start].encode()), len(text[:end].encode())] for start, end in spans[0]
        ]
    return result


def main():
    chats = []
    for name, template in TEMPLATES.items():
        for messages, extra in CHATS:
            for prompt in [False, True]:
                result = render(template, json.loads(json.dumps(messages)), prompt, dict(extra))
                chats.append(
                    {"template": name, "messages": messages, "extra": extra, "prompt": prompt, **result}
                )
    constructs = []
    for template in CONSTRUCTS:
        try:
            text = _compile_jinja_template(template).render(**VARIABLES)
            constructs.append({"template": template, "text": text})
        except Exception as error:  # noqa: BLE001
            constructs.append({"template": template, "error": str(error)})
    OUT.write_text(
        json.dumps(
            {
                "templates": TEMPLATES,
                "chats": chats,
                "variables": VARIABLES,
                "constructs": constructs,
            },
            separators=(",", ":"),
        )
    )
    for entry in constructs:
        if "error" in entry:
            print(entry)


if __name__ == "__main__":
    main()
