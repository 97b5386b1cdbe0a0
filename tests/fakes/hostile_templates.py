"""Templates that try to get at what no mail shows: our own collection, by the way they take."""

from __future__ import annotations

from types import MappingProxyType

CANARY = "KAWARABAN_TEST_CANARY"

# Ways from a value to its class, and from there to everything that was ever imported.
_CLASSES = (
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ [].__class__.__base__.__subclasses__() }}",
    "{{ {}.__class__.__bases__[0].__subclasses__() }}",
    "{{ ().__class__.__mro__[-1].__subclasses__() }}",
    "{{ 1.__class__ }}",
    "{{ true.__class__.__init__ }}",
    "{{ none.__class__.__subclasses__() }}",
    "{{ mail.__class__ }}",
    "{{ mail['__class__'] }}",
    "{{ mail.subject.__class__.__mro__ }}",
    "{{ mail.subject['__class__'] }}",
    "{{ mail.sections.__class__ }}",
    "{{ mail.sections[0].__getattribute__('name') }}",
    "{{ ''['__cl' ~ 'ass__'] }}",
    "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{% set a = ''.__class__ %}{{ a.__mro__ }}",
    "{% for a in ''.__class__.__mro__ %}{{ a }}{% endfor %}",
    "{% with a = [].__class__ %}{{ a.__base__ }}{% endwith %}",
    "{{ (1).__class__.__reduce_ex__(2) }}",
)

# Functions that lead to their globals, and modules that lead anywhere.
_GLOBALS = (
    "{{ lipsum.__globals__['os'].environ }}",
    "{{ lipsum.__globals__.os.popen('env').read() }}",
    "{{ cycler.__init__.__globals__.os.environ }}",
    "{{ joiner.__init__.__globals__.os.environ }}",
    "{{ namespace.__init__.__globals__.os.environ }}",
    "{{ range.__class__ }}",
    "{{ dict.__class__.__mro__ }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ config }}",
    "{{ config.items() }}",
    "{{ request.environ }}",
    "{{ env }}",
    "{{ environ }}",
    "{{ os.environ }}",
    "{{ settings.SECRET_KEY }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.environ }}",
    "{{ self._TemplateReference__context.environment.loader }}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m.__call__.__func__.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._environment.globals }}",
    "{% for a in [1] %}{{ loop.__class__ }}{% endfor %}",
    "{% for a in [1] %}{{ loop._undefined.__init__.__globals__ }}{% endfor %}",
    "{% for a in [1] %}{{ loop.cycle.__func__.__globals__ }}{% endfor %}",
    "{% for a in [1] %}{{ loop.changed.__self__ }}{% endfor %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% block b %}{{ super.__self__ }}{% endblock %}",
    "{% block b %}{{ super().__class__ }}{% endblock %}",
    "{{ nothing.__init__.__globals__ }}",
    "{{ nothing._undefined_exception.__init__ }}",
)

# The same by ways that avoid a dot: filters, tests, formats.
_FILTERS = (
    "{{ '' | attr('__class__') }}",
    "{{ mail | attr('items') }}",
    "{{ ['__class__'] | map('attr') | list }}",
    "{{ [''] | map(attribute='__class__') | list }}",
    "{{ [''] | map(attribute='__class__.__mro__') | list }}",
    "{{ [''] | sort(attribute='__class__') }}",
    "{{ [''] | sum(attribute='__class__', start='') }}",
    "{{ [''] | join(attribute='__class__') }}",
    "{{ [''] | unique(attribute='__class__') | list }}",
    "{{ [''] | min(attribute='__class__') }}",
    "{{ [''] | groupby('__class__') }}",
    "{{ [''] | selectattr('__class__') | list }}",
    "{{ [''] | rejectattr('__class__') | list }}",
    "{{ mail | tojson }}",
    "{{ mail | pprint }}",
    "{{ mail | xmlattr }}",
    "{{ mail | dictsort }}",
    "{{ mail | items | list }}",
    "{{ '{0.__class__}'.format('') }}",
    "{{ '{0.__class__.__mro__}'.format_map({'0': ''}) }}",
    "{{ ('{0.__class__}' | safe).format('') }}",
    "{{ '%s' | format(mail.__class__) }}",
    "{{ '%(x)s' % {'x': mail.__class__} }}",
    "{{ mail.subject.format }}",
    "{{ mail.keys() }}",
    "{{ mail.update({'subject': 'x'}) }}",
    "{{ mail.sections.append(1) }}",
    "{{ '' is callable }}",
)

# Files, and what belongs to nobody but us.
_FILES = (
    "{% include '/etc/passwd' %}",
    "{% include '../../../../etc/passwd' %}",
    "{% include '/proc/self/environ' %}",
    "{% include '/proc/1/environ' %}",
    "{% extends '/etc/passwd' %}",
    "{% import '/etc/passwd' as p %}{{ p }}",
    "{% from 'kawaraban/base.html' import os %}{{ os.environ }}",
    "{% import 'kawaraban/style.css' as p %}{{ p.__dict__ }}",
    "{% import 'kawaraban/style.css' as p %}{{ p._body_stream }}",
    "{% include ['kawaraban.toml', '../kawaraban.toml'] %}",
    "{% include 'var/secret.json' %}",
    "{% debug %}",
    "{% do ''.__class__ %}",
    "{% trans %}x{% endtrans %}",
    "# for a in ''.__class__.__mro__",
)

PAYLOADS = (*_CLASSES, *_GLOBALS, *_FILTERS, *_FILES)

# They ask for more than there is: time in a loop, memory, output.
_LETTERS = "{% for a in mail.footer.address %}"
ENDLESS = MappingProxyType(
    {
        "processor time": _LETTERS * 8 + "{% endfor %}" * 8,
        "memory": "{% macro m(s) %}{{ m(s ~ s) }}{% endmacro %}{{ m('瓦版' | indent(99)) }}",
        "characters": _LETTERS * 6 + "瓦版瓦版瓦版" + "{% endfor %}" * 6,
    }
)

FORBIDDEN = (
    "{{ 9 ** 9 ** 9 }}",
    "{{ 'a' * 99999999999 }}",
    "{{ 99999999999 * 'a' }}",
    "{{ [1] * 99999999999 }}",
    "{{ '%099999999999d' % 1 }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include 'digest.html' %}",
    "{% for a in range(99999999999) %}{% endfor %}",
)
