//! A sample of a business call. All that it does about sessions is to take one as an argument.

use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use wxsession_server::{Session, Sessions};

#[derive(Serialize)]
struct Product {
    id: u32,
    name: &'static str,
    /// In fen, the hundredth of a yuan.
    price: u32,
}

/// Lists the tea and its accessories to users with a session.
pub(crate) fn routes(sessions: &Sessions) -> Router {
    Router::new()
        .route("/wx/products/list", get(list))
        .with_state(sessions.clone())
}

const PRODUCTS: [Product; 3] = [
    Product {
        id: 1,
        name: "Longjing tea",
        price: 6800,
    },
    Product {
        id: 2,
        name: "Porcelain cup",
        price: 4500,
    },
    Product {
        id: 3,
        name: "Bamboo tray",
        price: 3200,
    },
];

async fn list(_: Session) -> Json<&'static [Product]> {
    Json(&PRODUCTS)
}
