"""The site of the harbour's paper, whose editions are sent while things go wrong."""

HARBOUR = """
[publication]
title = "港の新聞"
url = "https://minato.example"
language = "ja"
timezone = "Asia/Tokyo"
[content]
path = "posts"
generator = "generic"
[service]
url = "https://news.minato.example"
[[newsletters]]
id = "weekly"
title = "週のまとめ"
[sender]
name = "編集部"
email = "news@minato.example"
reply_to = "news@minato.example"
postal_address = "東京都"
contact = "https://minato.example/contact"
"""
