using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>One tensor of a model under its name. It owns the tensor, which may be moved or replaced; modules ask for it at each use.</summary>
public sealed class Parameter : IDisposable
{
    private Tensor _value;

    /// <summary>A parameter that takes over a tensor.</summary>
    /// <param name="name">Its whole name in the model.</param>
    /// <param name="value">The tensor; it leaves the current dispose scope.</param>
    public Parameter(string name, Tensor value)
    {
        Name = name;
        _value = value.DetachFromDisposeScope();
    }

    /// <summary>Its whole name in the model.</summary>
    public string Name { get; }

    /// <summary>The tensor.</summary>
    public Tensor Value => ParameterAliases.Find(this) ?? _value;

    /// <summary>How many bytes its elements take.</summary>
    public long ByteLength => Value.NumberOfElements * Value.ElementSize;

    /// <summary>Puts another tensor in its place and disposes the old one.</summary>
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
