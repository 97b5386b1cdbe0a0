"""What editors are told, in Japanese."""

from __future__ import annotations

from types import MappingProxyType

from service.editions.alert_words import AlertWords, ConditionWords, FormWords
from service.model.condition import Condition

JAPANESE = AlertWords(
    subject_one="【要対応】{gravest}｜{publication}",
    subject_many="【要対応】{gravest} ほか{others}件｜{publication}",
    preheader="何が、どこで起きたか。どうすればよいか。",
    heading_one="ご対応いただきたいことが1件あります",
    heading_many="ご対応いただきたいことが{count}件あります",
    before="ほかはすべて、いつもどおり動いています。次のものだけ、人の判断を待っています。",
    older="すでにお知らせした{count}件も残っています：",
    more="ほか{count}件：",
    counted="{rule}：{count}件",
    quoted="「{quote}」",
    quoted_at="「{quote}」（{line}行目）",
    by_hand="手動",
    why="このメールは、kawaraban.tomlのeditorsにある宛先へお送りしています。",
    conditions=MappingProxyType(
        {
            Condition.SEND_HOLD: ConditionWords(
                "データベースの複製のため、配信を止めています",
                "データベースの複製のため、配信を止めています",
            ),
            Condition.ACCOUNT: ConditionWords(
                "配信サービスのアカウントが停止中です",
                "配信サービスのアカウント{count}件が停止中です",
            ),
            Condition.FOLDER: ConditionWords(
                "記事のフォルダーが空になったようです", "記事のフォルダーが空になったようです"
            ),
            Condition.PULL: ConditionWords(
                "記事を取得できません", "{count}か所から記事を取得できません"
            ),
            Condition.UNKNOWN: ConditionWords(
                "届いたか分からない送信が1件あります",
                "届いたか分からない送信が{count}件あります",
                "二重に届かないよう、自動では送り直しません。"
                "配信サービスの記録を確かめて、結果を教えてください。",
            ),
            Condition.SIGNUPS: ConditionWords(
                "登録の申し込みがたまっています",
                "登録の申し込みがたまっています",
                "登録フォームが悪用されていないか、お確かめください。",
            ),
            Condition.UNMADE: ConditionWords(
                "メールを作れず止まっている号が1件あります",
                "メールを作れず止まっている号が{count}件あります",
                "まだ1通も送っていません。原因を直して承認すると、配信します。",
            ),
            Condition.OVERDUE: ConditionWords(
                "予定を過ぎて止まっている号が1件あります",
                "予定を過ぎて止まっている号が{count}件あります",
            ),
            Condition.PAUSED: ConditionWords(
                "配信の途中で止まっている号が1件あります",
                "配信の途中で止まっている号が{count}件あります",
            ),
            Condition.APPROVAL: ConditionWords(
                "配信前に見ていただく号が1件あります",
                "配信前に見ていただく号が{count}件あります",
            ),
            Condition.QUARANTINED: ConditionWords(
                "読み取れない記事が1本あります",
                "読み取れない記事が{count}本あります",
                "ファイルを直して保存すると、自動で読み直します。",
            ),
            Condition.HELD: ConditionWords(
                "メールに載せず保留した新着が1件あります",
                "メールに載せず保留した新着が{count}件あります",
                "フィードには載っています。ファイルを直すか、そのまま載せるかをお選びください。",
            ),
            Condition.FILTER: ConditionWords(
                "どの記事にも当てはまらない名前が1件あります",
                "どの記事にも当てはまらない名前が{count}件あります",
                "サイトで名前が変わったか、kawaraban.tomlの書きまちがいではありませんか。",
            ),
        }
    ),
    forms=MappingProxyType(
        {
            "send_hold": FormWords(
                "データベースが復元または複製されました",
                (
                    (
                        "送信の記録が古いかもしれません。"
                        "元のデータベースがその後に送っていないか、お確かめください。"
                    ),
                ),
            ),
            "account": FormWords(
                "{account}",
                ("{since}から停止中：{reason}", "再開するまで、ここからは何も送られません。"),
            ),
            "missing": FormWords(
                "{count}個のファイルが見当たりません",
                (
                    "{since}から。最初のファイル：{path}",
                    "しばらくはフィードに残しますが、数分後には削除されたものとして扱います。",
                    "ディスクが外れているか、取り出しの途中ではありませんか。",
                ),
            ),
            "pull": FormWords(
                "{source}",
                (
                    "{since}から失敗：{reason}",
                    "フィードとメールは、最後に取得した内容のまま続けています。",
                ),
            ),
            "unknown": FormWords("送信{batch}（{since}）", ("宛先{rows}件。{reason}",)),
            "signups": FormWords(
                "{count}件の申し込みが、確認メールを待っています",
                (
                    "{since}から。1時間に送る確認メールの上限に達しました。",
                    "上限の範囲で順に送り、2日たった申し込みは破棄します。",
                ),
            ),
            "unmade": FormWords("{newsletter}（{cadence}）{slot}の号", ("{reason}",)),
            "overdue": FormWords(
                "{newsletter}（{cadence}）{slot}の号",
                ("まだ1通も送っていません。遅れて送るか、取りやめるかをお選びください。",),
            ),
            "paused": FormWords(
                "{newsletter}（{cadence}）{slot}の号",
                ("{reason}", "{waiting}人の読者が待っています。"),
            ),
            "goes": FormWords(
                "{newsletter}（{cadence}）{slot}の号",
                ("記事{count}本。最初の記事：{first}", "保留しなければ、この時刻に配信します。"),
            ),
            "asks": FormWords(
                "{newsletter}（{cadence}）{slot}の号",
                ("記事{count}本。最初の記事：{first}", "承認されるまで配信しません。"),
            ),
            "kept": FormWords(
                "{place}",
                ("{fault}", "{reason}", "最後に正しく読めた版を、フィードに載せ続けています。"),
            ),
            "lost": FormWords(
                "{place}", ("{fault}", "{reason}", "直るまで、フィードにもメールにも載りません。")
            ),
            "held": FormWords("{title}", ("{path}",)),
            "mass": FormWords(
                "{count}本が一度に届きました",
                ("{seen}に見つかり、日付はどれも過去です。最初の記事：{title}",),
            ),
            "late": FormWords(
                "{title}",
                (
                    "{path}",
                    "日付は{dated}、見つけたのは{seen}。{newsletter}の新着には遅すぎます。",
                ),
            ),
            "category": FormWords("{newsletter}：カテゴリー「{name}」"),
            "tag": FormWords("{newsletter}：タグ「{name}」"),
            "topic": FormWords(
                "{newsletter}：トピック「{name}」", ("これだけを選んだ読者には何も届きません。",)
            ),
        }
    ),
    rules=MappingProxyType(
        {
            "alias": "YAMLの別名（&と*）は使えません",
            "body_marker": "本文に余分なENDの印が残っています",
            "body_placeholder": "本文に仮の文字が残っています",
            "body_voice": "本文が文章生成の口調になっています",
            "category": "カテゴリー",
            "cut_title": "題名か要約が、文字の途中で切れています",
            "damaged_text": "本文の文字が失われています（U+FFFD）",
            "date": "日付が読み取れません",
            "dead_link": "サイトにない記事へのリンクがあります",
            "duplicate-id": "同じidのファイルがほかにあります",
            "empty": "要約も本文もありません",
            "encoding": "UTF-8の文字ではありません",
            "folder": "フォルダーを開けません",
            "front_matter": "冒頭の設定欄が読めません",
            "glued_title": "題名が、二つの文をつないだものになっています",
            "json": "JSONとして読めません",
            "late": "見つけたときには遅すぎました",
            "marker": "題名か要約に、余分な印が残っています",
            "markdown": "Markdownとして読めません",
            "mass": "一度にたくさん届きました",
            "near_duplicate": "前後3日に、ほとんど同じ題名の記事があります",
            "no_date": "日付がありません",
            "no_front_matter": "冒頭の設定欄がなくなりました",
            "open_fence": "コードの囲みが閉じていません",
            "permalink": "パーマリンクが使えません",
            "placeholder": "題名か要約に、仮の文字が残っています",
            "repeated_heading": "同じ見出しが繰り返されています",
            "repetition": "同じ文が繰り返されています",
            "summary_of_title": "要約が題名の繰り返しです",
            "tag": "タグ",
            "template": "多くの記事と同じ要約です",
            "toml": "TOMLとして読めません",
            "too_deep": "入れ子が深すぎます",
            "too_large": "大きすぎます",
            "too_many": "数が多すぎます",
            "topic": "トピック",
            "unclosed": "冒頭の設定欄が閉じていません",
            "unfinished_body": "本文が途中で終わっています",
            "unfinished_summary": "要約が途中で終わっています",
            "unfinished_title": "題名が途中で終わっています",
            "unreadable": "ファイルを開けません",
            "voice": "題名か要約が、文章生成の口調になっています",
            "yaml": "YAMLとして読めません",
        }
    ),
)
