//! A sample of a business call: all it does about sessions is to take one as an argument.

use axum::Json;
use serde::Serialize;

use crate::session::Session;

#[derive(Serialize)]
pub(crate) struct Product {
    id: u32,
    name: &'static str,
    /// In fen, the hundredth of a yuan.
    price: u32,
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

pub(crate) async fn list(_: Session) -> Json<&'static [Product]> {
    Json(&PRODUCTS)
}
