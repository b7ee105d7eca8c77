import os

def whole(a):
    return a

class Cut(
    def method(self):
        if a and:
            return 1

x = = 2

def after():
    return 2
