//! `lakeport demo`: a sample lake to try everything on.
//!
//! In reading order: numbers that look random and never change (`dice`), the tables (`orders`,
//! `customers`, `products`, `visits`), and the folder that they make (`folder`).

mod customers;
mod dice;
mod folder;
mod orders;
mod products;
mod visits;

pub(crate) use folder::make;
