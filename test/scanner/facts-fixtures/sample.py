from __future__ import annotations
import os, a.b as c
from . import x
from ..y import z as w, q
X = 1
A, B = 1, 2
x.y = 3
v: int = 3
f = lambda a: a if a else 2
@dec
class Foo(Base):
    """doc"""
    z: int
    k = m = 2
    @property
    def p(self, a, b=1, *c, d: int = 3, **e) -> int:
        if a and b or c:
            pass
        elif x:
            pass
        else:
            pass
        for i in x:
            pass
        else:
            pass
        try:
            pass
        except A as e:
            pass
        finally:
            pass
        return [x for x in y if z]
    async def q(self, /, *, a): 
        match a:
            case 1: pass
            case _: pass
type T = int
for (i, j) in x: pass
with open() as g: pass
