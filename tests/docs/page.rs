//! A Markdown file as the checks see it.

use std::collections::BTreeSet;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A file, cut at its headings. The first section is the text before the first heading.
pub(crate) struct Page {
    pub(crate) sections: Vec<Section>,
}

/// A heading and the text up to the next one.
#[derive(Default)]
pub(crate) struct Section {
    /// `None` before the first heading.
    pub(crate) level: Option<HeadingLevel>,
    pub(crate) title: String,
    /// The last comment before the heading. In a translation this is the title of the original.
    pub(crate) comment: String,
    /// The language and the text of each code block.
    pub(crate) blocks: Vec<(String, String)>,
    /// The numbers of rows and columns of each table.
    pub(crate) tables: Vec<(usize, usize)>,
    /// The number of list items.
    pub(crate) items: usize,
    pub(crate) links: Vec<String>,
    pub(crate) spans: BTreeSet<String>,
    /// Numbers written in digits, outside code.
    pub(crate) figures: BTreeSet<String>,
}

impl Page {
    pub(crate) fn parse(text: &str) -> Self {
        let mut page = Self {
            sections: vec![Section::default()],
        };
        let mut place = Place::Prose;
        let mut comment = String::new();
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            if let Event::Start(Tag::Heading { level, .. }) = event {
                page.sections.push(Section {
                    level: Some(level),
                    comment: std::mem::take(&mut comment),
                    ..Section::default()
                });
            }
            let section = page.sections.last_mut().expect("there is one");
            place = section.take(event, place, &mut comment);
        }
        page
    }

    /// The anchors that GitHub gives the headings, in order. Equal headings are numbered from the second on.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let headings = self
            .sections
            .iter()
            .filter(|section| section.level.is_some());
        let slugs: Vec<_> = headings.map(|section| slug(&section.title)).collect();
        let number = |place: usize| {
            slugs[..place]
                .iter()
                .filter(|slug| **slug == slugs[place])
                .count()
        };
        (0..slugs.len())
            .map(|place| match number(place) {
                0 => slugs[place].clone(),
                number => format!("{}-{number}", slugs[place]),
            })
            .collect()
    }
}

/// The part of a section that a text belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Prose,
    Heading,
    Code,
}

impl Section {
    fn take(&mut self, event: Event<'_>, place: Place, comment: &mut String) -> Place {
        match event {
            Event::Start(Tag::Heading { .. }) => return Place::Heading,
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.blocks.push((language, String::new()));
                return Place::Code;
            }
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock) => return Place::Prose,
            Event::Start(Tag::Table(columns)) => self.tables.push((0, columns.len())),
            Event::Start(Tag::Item) => self.items += 1,
            Event::Start(Tag::TableRow) => self.tables.last_mut().expect("a table").0 += 1,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.links.push(dest_url.to_string());
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                if let Some(said) = html.trim().strip_prefix("<!--") {
                    *comment = said.trim_end_matches("-->").trim().to_owned();
                }
                self.links.extend(sources(&html));
            }
            Event::Code(code) => {
                if place == Place::Heading {
                    self.title.push_str(&code);
                }
                self.spans.insert(code.to_string());
            }
            Event::Text(text) if place == Place::Code => {
                self.blocks.last_mut().expect("a block").1.push_str(&text);
            }
            Event::Text(text) => {
                if place == Place::Heading {
                    self.title.push_str(&text);
                }
                self.figures.extend(figures(&text));
            }
            _ => {}
        }
        place
    }
}

/// The files that the elements in a text show.
fn sources(html: &str) -> Vec<String> {
    let rests = html.split(" src=\"").skip(1);
    rests
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

/// The numbers in a text that are written in digits.
fn figures(text: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',');
    text.split(|letter| !is_part(letter))
        .map(|number| number.trim_matches(['.', ',']).to_owned())
        .filter(|number| !number.is_empty())
        .collect()
}

/// The anchor of a title by GitHub's rule: lower case, only letters and digits of any script, hyphens and underscores;
/// spaces become hyphens.
fn slug(title: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    let lower = title.to_lowercase();
    lower
        .chars()
        .filter(kept)
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

#[test]
fn a_page_is_cut_at_its_headings() {
    let page = Page::parse(
        "one\n\n<!-- Two -->\n## 二 `b`\n\n| a | b |\n|---|---|\n| 1,5 | [x](y.md) |\n\n```js\ncode 7\n```\n\n<img alt=\"c\" src=\"z.png\">\n",
    );
    let [first, second] = &page.sections[..] else {
        panic!("{} sections", page.sections.len());
    };
    assert!(first.level.is_none() && first.figures.is_empty());
    assert_eq!(
        (second.title.as_str(), second.comment.as_str()),
        ("二 b", "Two")
    );
    assert_eq!(second.tables, [(1, 2)]);
    assert_eq!(second.blocks, [("js".to_owned(), "code 7\n".to_owned())]);
    assert_eq!(second.links, ["y.md", "z.png"]);
    assert_eq!(second.figures, BTreeSet::from(["1,5".to_owned()]));
    assert_eq!(page.anchors(), ["二-b"]);
}

#[test]
fn anchors_are_those_of_github() {
    let page = Page::parse("# `wx.request`: moving, over!\n## 登录态 是什么？\n## Same\n## Same\n");
    assert_eq!(
        page.anchors(),
        ["wxrequest-moving-over", "登录态-是什么", "same", "same-1"]
    );
}
