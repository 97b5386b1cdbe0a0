"""What the paper of `street_paper` is set to, and what is written in it besides content/."""

from __future__ import annotations

SETTINGS = """
[publication]
title = "瓦版"
url = "https://kawaraban.example.jp"
description = "すずり坂の小さな新聞。町のことを、町のはやさで。"
language = "ja"
timezone = "Asia/Tokyo"
author = "編集部"
[content]
path = "posts"
generator = "generic"
[service]
url = "https://news.kawaraban.example.jp"
[feeds]
by = ["category", "tag"]
[sender]
name = "瓦版編集部"
email = "kawaraban@example.jp"
reply_to = "henshubu@example.jp"
postal_address = "〒000-0000 東京都すずり坂一丁目二番三号 松葉印刷所二階"
contact = "henshubu@example.jp"
[[newsletters]]
id = "weekly"
title = "瓦版 週のまとめ"
cadences = ["weekly", "daily"]
default_cadence = "weekly"
weekday = "mon"
send_at = "08:00"
group_by = "category"
topics = ["銭湯", "花火", "活字"]
approval = "notice"
notice = "23h"
"""

POSTS = {
    "2026-11-16-furo-no-hi": (
        "鶴の湯、二十六日は風呂の日です",
        "町のこと",
        "銭湯",
        (
            "毎月二十六日は風呂の日。鶴の湯では菖蒲のかわりに、豆腐屋さんの庭の柚子を浮かべます。"
            "数は三十個。早い人ほどよく香ります。"
        ),
    ),
    "2026-11-17-mawari": (
        "夜回りの当番、十二月のぶん",
        "町のこと",
        "夜回り",
        (
            "十二月の夜回りの当番が決まりました。拍子木は番台にあずけてあります。"
            "雨の日は休みですが、休みだと知らせに回る人が毎年います。"
        ),
    ),
    "2026-11-19-the-tofu-makers-bell": (
        "The tofu maker’s bell",
        "Letters",
        "sounds",
        (
            "At four o’clock the bell comes up the slope before the cart does. Nobody looks at a "
            "clock for it. The cat on the printing shop’s stairs does not even open an eye."
        ),
    ),
    "2026-11-20-nengajo": (
        "年賀状の木版、彫りはじめました",
        "刷り場",
        "活字",
        (
            "来年の干支を版木に写しました。左右が逆になるのを、毎年一度は忘れます。"
            "ことしは忘れないように、壁に鏡を掛けました。"
        ),
    ),
    "2026-11-20-mizudori": (
        "墨川の水鳥を数えました",
        "催し",
        "墨川",
        (
            "申し訳ありませんが、AIアシスタントとして最新の水鳥の数を確認することはできません。"
            "橋の上から見えたのは、鴨が二十羽ほどと、さぎが一羽でした。"
        ),
    ),
    "2026-11-21-mochitsuki": (
        "餅つきは十二月十三日、坂の上で",
        "催し",
        "お知らせ",
        (
            "臼は鶴の湯から、杵は豆腐屋さんから借ります。もち米は三十キロ。"
            "手を返す係を四人さがしています。濡れてもよい袖でどうぞ。"
        ),
    ),
    "2026-11-21-mujin": (
        "坂の途中の無人販売所で売られ\N{REPLACEMENT CHARACTER}",
        "町のこと",
        "たべもの",
        "大根が一本百円、白菜が半分で百円。箱に入れた小銭の音で、売れたことがわかるそうです。",
    ),
    "2026-11-22-gogai": (
        "号外：橋の灯が一つ、消えています",
        "催し",
        "号外",
        (
            "欄干の四十一個めの灯が、けさ消えているのが見つかりました。"
            "直るまで、そこだけ少し暗くなります。渡るときは足もとにお気をつけください。"
        ),
    ),
}

THURSDAYS = (
    ("夕立のあとの坂", "雨がやむと、坂はいちばんに乾きます。次に乾くのは猫です。"),
    (
        "鈴虫の声を聞きに",
        "墨川の土手で鈴虫が鳴きはじめました。耳をすますと、となりの人の腹も鳴ります。",
    ),
    (
        "刷り場の窓を張りかえる",
        "風で鳴る窓を直しました。静かになると、こんどは時計の音が気になります。",
    ),
    (
        "月見だんごの数え方",
        "豆腐屋のとなりで十五個を一皿に。数えているうちに十四個になる年があります。",
    ),
    ("古い看板の字", "下駄屋の看板をはずしたら、裏にもう一軒ぶんの字がありました。"),
    ("金木犀の通り道", "鶴の湯の裏から橋まで、香りの切れ目がありません。地図を描いてみました。"),
    ("運動会の次の日", "坂を上る人がみな、手すりにつかまっています。一等だった人もです。"),
    (
        "新しい紙が届きました",
        "更紙を二千枚。階段を四往復して、最後の一束だけ順番をまちがえました。",
    ),
    (
        "橋の四十二個の灯",
        "夕方五時に数えました。四十二個あります。数え直した人の分も、四十二個でした。",
    ),
    ("秋の銭湯、薬草の日", "よもぎとしょうぶ、どちらでしょう。番台に聞くと、日によるそうです。"),
    ("駅の柿の木", "駅長さんが梯子を出しました。いちばん上の三つは、鳥のぶんです。"),
    ("夜長の読書会", "印刷所の二階で十人、一冊を回して読みました。次は二十六日です。"),
)
"""What is written each Thursday from the first one on: a title and a body."""
