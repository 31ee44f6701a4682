using NexusGen.Diffusion.Sampling;
using NexusGen.Verification;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public class NoiseTests
{
    public static TheoryData<string> Cases => TinyModel.Cases("noise");

    [Theory]
    [MemberData(nameof(Cases))]
    public void IsPyTorchs(string name)
    {
        using var scope = NewDisposeScope();
        using ReferenceCase reference = TinyModel.Case("noise", name);
        ScalarType type = reference.Value<string>("dtype") == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor noise = Noise.Draw(reference.Value<ulong>("seed"), reference.Value<long[]>("shape"), type);
        Tensor expected = reference.ExpectedTensor("values");
        Assert.Equal(type, noise.dtype);
        Assert.Equal(reference.Value<long[]>("shape"), noise.shape);
        TinyModel.AssertNear(expected, noise.flatten().narrow(0, 0, expected.shape[0]), 1e-6);
    }

    [Fact]
    public void EverySeedOf64BitsIsTakenAsItIs()
    {
        using var scope = NewDisposeScope();
        ulong[] seeds = [0, 1, 1UL << 32, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue];
        Tensor[] drawn = [.. seeds.Select(seed => Noise.Draw(seed, [64], ScalarType.Float32))];
        for (int i = 0; i < seeds.Length; i++)
        {
            Assert.True(TinyModel.Same(drawn[i], Noise.Draw(seeds[i], [64], ScalarType.Float32)));
        }

        // PyTorch's generator is seeded with the lower 32 bits.
        Assert.True(TinyModel.Same(drawn[0], drawn[2]));
        Assert.True(TinyModel.Same(drawn[0], drawn[3]));
        Assert.False(TinyModel.Same(drawn[0], drawn[1]));
        Assert.False(TinyModel.Same(drawn[4], drawn[5]));
    }

    [Fact]
    public void TheGlobalGeneratorIsLeftAlone()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        Tensor expected = randn(8);
        manual_seed(5);
        Noise.Draw(3, [64], ScalarType.Float32);
        Assert.True(TinyModel.Same(expected, randn(8)));
    }
}
