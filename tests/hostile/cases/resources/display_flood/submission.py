# %%
from IPython.display import HTML, Image, clear_output, display, update_display

display(HTML("<p>" * 3_000_000))
display(Image(data=b"\x89PNG\r\n\x1a\n" + bytes(6_000_000)))
display({"application/json": [[0] * 1000] * 300}, raw=True)

# %%
for number in range(1200):
    display(number)

# %%
for number in range(100):
    display(number, display_id="one")
    update_display("x" * 100, display_id="one")
    clear_output()


# %%
class Endless:
    def __repr__(self):
        return "x" * 8_000_000

    def _repr_mimebundle_(self, **_):
        return {f"text/{number}": "x" * 1000 for number in range(3000)}


Endless()

# %%
list(range(1_000_000))

# %%
nested = []
for _ in range(10_000):
    nested = [nested]
display({"application/json": nested}, raw=True)
nested

# %%
def corr2d(X, K):
    display(HTML("<p>" * 1_000_000))
    return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3))
