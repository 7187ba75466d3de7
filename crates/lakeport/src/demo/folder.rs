//! The demo's folder: its files, its config and its views.
//!
//! A folder that is complete carries a mark and is used again. One that is not, because making it was
//! broken off or another program made it of something else, is made anew file by file: the same bytes each time.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use arrow::record_batch::RecordBatch;
use indicatif::{ProgressBar, ProgressStyle};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::{customers, orders, products, visits};

/// Orders in each month's file.
const ORDERS_PER_MONTH: usize = 60_000;

const CONFIG: &str = include_str!("../../../../config/demo/lakeport.toml");
const VIEWS: [(&str, &str); 3] = [
    ("revenue_by_month", include_str!("../../../../config/demo/views/shop/revenue_by_month.sql")),
    ("best_customers", include_str!("../../../../config/demo/views/shop/best_customers.sql")),
    ("Orders by Country", include_str!("../../../../config/demo/views/shop/Orders by Country.sql")),
];

/// What decides the bytes of the tables' files.
const TABLES: [&str; 6] = [
    include_str!("customers.rs"),
    include_str!("dice.rs"),
    include_str!("folder.rs"),
    include_str!("orders.rs"),
    include_str!("products.rs"),
    include_str!("visits.rs"),
];

/// A file to be made: where, and of what.
struct Task {
    path: PathBuf,
    make: Box<dyn Fn() -> arrow::error::Result<RecordBatch> + Send + Sync>,
    rows: usize,
}

/// Makes the demo's folder, unless it is complete already, and gives the path of its config.
pub(crate) fn make(folder: &Path) -> Result<PathBuf> {
    let config = folder.join("lakeport.toml");
    let mark = folder.join("lake/_complete");
    let complete = complete();
    if fs::read_to_string(&mark).is_ok_and(|text| text == complete) && config.exists() {
        return Ok(config);
    }
    let shop = folder.join("lake/shop");
    fs::create_dir_all(&shop).with_context(|| format!("the folder {} cannot be made", shop.display()))?;
    write_all(&tasks(&shop))?;
    write(&config, CONFIG)?;
    for (name, text) in VIEWS {
        write(&folder.join("views/shop").join(format!("{name}.sql")), text)?;
    }
    write(&mark, &complete)?;
    Ok(config)
}

/// What says that a folder is complete, and what it was made of. Another text makes the folder anew.
fn complete() -> String {
    let mut hasher = DefaultHasher::new();
    (CONFIG, VIEWS, TABLES).hash(&mut hasher);
    format!("lakeport demo, made of {:016x}\n", hasher.finish())
}

fn tasks(shop: &Path) -> Vec<Task> {
    let mut tasks: Vec<Task> = orders::months()
        .enumerate()
        .map(|(index, (year, month))| Task {
            path: shop.join(format!("orders/year={year}/month={month}/part-0.parquet")),
            make: Box::new(move || {
                orders::batch(year, month, 1 + (index * ORDERS_PER_MONTH) as i64, ORDERS_PER_MONTH)
            }),
            rows: ORDERS_PER_MONTH,
        })
        .collect();
    tasks.extend(visits::FILES.iter().enumerate().map(|(index, file)| Task {
        path: shop.join("visits").join(file),
        make: Box::new(move || visits::batch(index)),
        rows: visits::COUNT,
    }));
    tasks.push(Task {
        path: shop.join("customers.parquet"),
        make: Box::new(customers::batch),
        rows: customers::COUNT,
    });
    tasks.push(Task {
        path: shop.join("products.parquet"),
        make: Box::new(products::batch),
        rows: products::COUNT,
    });
    tasks
}

fn write_all(tasks: &[Task]) -> Result<()> {
    let rows: usize = tasks.iter().map(|task| task.rows).sum();
    let bar = ProgressBar::new(rows as u64).with_style(
        ProgressStyle::with_template("{msg} [{bar:40}] {human_pos} of {human_len} rows, {eta} left")
            .context("the progress bar's template")?
            .progress_chars("=> "),
    );
    bar.set_message("making a sample lake");
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match write_parquet(task) {
                        Ok(()) => bar.inc(task.rows as u64),
                        Err(error) => {
                            *failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
                            next.store(tasks.len(), Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    match failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn write_parquet(task: &Task) -> Result<()> {
    let about = || format!("the file {} cannot be written", task.path.display());
    if let Some(folder) = task.path.parent() {
        fs::create_dir_all(folder).with_context(about)?;
    }
    let batch = (task.make)().with_context(about)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("lakeport demo".to_owned())
        .build();
    // Written aside and moved into place, so that no reader meets half a file.
    let unfinished = task.path.with_extension("unfinished");
    let mut writer = ArrowWriter::try_new(
        File::create(&unfinished).with_context(about)?,
        batch.schema(),
        Some(properties),
    )
    .with_context(about)?;
    writer.write(&batch).with_context(about)?;
    writer.close().with_context(about)?;
    fs::rename(&unfinished, &task.path).with_context(about)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let about = || format!("the file {} cannot be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(about)?;
    }
    fs::write(path, text).with_context(about)
}
