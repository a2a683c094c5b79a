from . import abstract
from . import addressed
from . import decision, email, letter, phone, registered_letter
