-- description: The hundred customers who spent most.
SELECT c."Full Name" AS name,
       c.Country AS country,
       count(*) AS orders,
       sum(o.quantity * o.unit_price) AS spent
FROM orders o
JOIN customers c ON c.CustomerID = o.customer_id
GROUP BY c.CustomerID, c."Full Name", c.Country
ORDER BY spent DESC, name
LIMIT 100
