//! The setting of WeChat's API address.

use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use reqwest::Url;

/// Parses the address. Unlike clap's own errors, this one never shows it, because it may contain credentials.
#[derive(Clone)]
pub(super) struct WeChatApi;

impl TypedValueParser for WeChatApi {
    type Value = Url;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<Url, Error> {
        value.to_str().and_then(parse).ok_or_else(|| {
            let message = "--wechat-api (WXSESSION_WECHAT_API) is not an address that can be used; give \
                           scheme and host alone, as in https://api.weixin.qq.com";
            command.clone().error(ErrorKind::ValueValidation, message)
        })
    }
}

fn parse(value: &str) -> Option<Url> {
    let url = Url::parse(value).ok()?;
    let bare = url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (bare && matches!(url.scheme(), "https" | "http")).then_some(url)
}
