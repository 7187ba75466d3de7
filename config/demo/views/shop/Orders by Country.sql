-- description: Orders and revenue of each country and year.
SELECT coalesce(c.Country, 'unknown') AS "Country",
       o.year AS "Year",
       count(*) AS "Orders",
       sum(o.quantity * o.unit_price) AS "Revenue"
FROM orders o
JOIN customers c ON c.CustomerID = o.customer_id
GROUP BY coalesce(c.Country, 'unknown'), o.year
