namespace NexusGen.Weights.Files.Pickle;

/// <summary>The meaning of a name that a pickle may use.</summary>
internal enum PickleGlobalKind
{
    /// <summary>Creates an empty ordered dictionary.</summary>
    OrderedDictionary,

    /// <summary>A tuple of dimensions.</summary>
    Size,

    /// <summary>A tensor over a typed storage.</summary>
    Tensor,

    /// <summary>A tensor over a storage of bytes, with its element type.</summary>
    TypedTensor,

    /// <summary>A tensor that is a parameter.</summary>
    Parameter,

    /// <summary>The element type of a storage.</summary>
    Storage,

    /// <summary>The element type of a tensor.</summary>
    ElementType,
}
