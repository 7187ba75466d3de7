-- description: What was sold in each month, without what came back.
SELECT year,
       month,
       count(*) AS orders,
       sum(quantity * unit_price * (1 - coalesce(discount, 0))) AS revenue
FROM orders
WHERE status <> 'returned'
GROUP BY year, month
