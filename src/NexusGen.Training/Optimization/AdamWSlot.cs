using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Optimization;

/// <summary>The state of <see cref="AdamW"/> for a parameter, or for a piece of it.</summary>
/// <param name="Piece">The elements that are updated.</param>
/// <param name="Weight">Their values: the parameter itself, or a flat view of it.</param>
/// <param name="First">The first moment, float32.</param>
/// <param name="Second">The second moment, float32.</param>
/// <param name="Master">The float32 values of a parameter of another type.</param>
/// <param name="OwnsWeight">Whether the weight is a view to dispose.</param>
internal sealed record AdamWSlot(
    ParameterPiece Piece, Tensor Weight, Tensor First, Tensor Second, Tensor? Master, bool OwnsWeight) : IDisposable
{
    private const string FirstName = "first_moment", SecondName = "second_moment", MasterName = "master";

    /// <summary>Gets the tensors to save.</summary>
    public IEnumerable<(string Kind, Tensor Value)> State
    {
        get
        {
            yield return (FirstName, First);
            yield return (SecondName, Second);
            if (Master is not null)
            {
                yield return (MasterName, Master);
            }
        }
    }

    /// <summary>Creates the state of a parameter.</summary>
    public static AdamWSlot Of(Parameter parameter) =>
        Of(new ParameterPiece(parameter, 0, parameter.Value.numel()), parameter.Value, isView: false);

    /// <summary>Creates the state of a piece of a parameter.</summary>
    public static AdamWSlot Of(ParameterPiece piece) =>
        Of(piece, ParameterPartition.View(piece).DetachFromDisposeScope(), isView: true);

    /// <summary>Returns the kinds of tensors in the state of a parameter.</summary>
    public static IReadOnlyList<string> KindsOf(Parameter parameter) =>
        NeedsMaster(parameter) ? [FirstName, SecondName, MasterName] : [FirstName, SecondName];

    /// <inheritdoc/>
    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
        Master?.Dispose();
        if (OwnsWeight)
        {
            Weight.Dispose();
        }
    }

    private static bool NeedsMaster(Parameter parameter) => parameter.Value.dtype != ScalarType.Float32;

    private static AdamWSlot Of(ParameterPiece piece, Tensor weight, bool isView) => new(
        piece,
        weight,
        zeros_like(weight, dtype: ScalarType.Float32).DetachFromDisposeScope(),
        zeros_like(weight, dtype: ScalarType.Float32).DetachFromDisposeScope(),
        NeedsMaster(piece.Parameter) ? weight.detach().to(ScalarType.Float32).DetachFromDisposeScope() : null,
        isView);
}
