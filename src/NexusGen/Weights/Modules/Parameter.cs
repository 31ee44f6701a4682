using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// A named tensor of a model. It owns the tensor, which may be moved or replaced, so modules get <see cref="Value"/> at each use.
/// </summary>
internal sealed class Parameter : IDisposable
{
    private Tensor _value;

    /// <summary>Initializes a parameter and takes ownership of its tensor.</summary>
    /// <param name="name">The full name in the model.</param>
    /// <param name="value">The tensor; it leaves the current dispose scope.</param>
    public Parameter(string name, Tensor value)
    {
        Name = name;
        _value = value.DetachFromDisposeScope();
    }

    /// <summary>Gets the full name in the model.</summary>
    public string Name { get; }

    /// <summary>Gets the tensor, or the alias of it that this thread has entered.</summary>
    public Tensor Value => ParameterAliases.Find(this) ?? _value;

    /// <summary>Gets the number of bytes of the elements.</summary>
    public long ByteLength => Value.NumberOfElements * Value.ElementSize;

    /// <summary>Replaces the tensor and disposes the old one.</summary>
    /// <param name="value">The new tensor; it leaves the current dispose scope.</param>
    public void Replace(Tensor value)
    {
        if (ReferenceEquals(value, _value))
        {
            return;
        }

        _value.Dispose();
        _value = value.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _value.Dispose();
}
