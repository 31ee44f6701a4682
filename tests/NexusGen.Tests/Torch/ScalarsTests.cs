using System.Runtime.CompilerServices;
using NexusGen.Torch;
using TorchSharp;

namespace NexusGen.Tests.Torch;

/// <summary>Scalar operands stay alive until long after they were read.</summary>
public sealed class ScalarsTests
{
    [Fact]
    public void AnOperandOutlivesCollectionsUntilManyOthersWereMade()
    {
        WeakReference made = Make();
        Collect();
        Assert.Equal(2.5, Value(made));
        for (int i = 0; i < 64; i++)
        {
            Scalars.Of(i);
        }

        Collect();
        Assert.False(made.IsAlive);
    }

    [Fact]
    public void WholeNumbersStayWholeAndFractionsFractions()
    {
        Assert.Equal(torch.ScalarType.Int64, Scalars.Of(3).Type);
        Assert.Equal(torch.ScalarType.Float64, Scalars.Of(3.0f).Type);
        Assert.Equal(torch.ScalarType.Bool, Scalars.Of(true).Type);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Make() => new(Scalars.Of(2.5));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Value(WeakReference made) => ((Scalar)made.Target!).ToDouble();

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
