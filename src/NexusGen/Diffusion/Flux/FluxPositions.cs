using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>What FLUX makes of numbers that say where and when: sinusoids of timesteps, rotary angles of places.</summary>
internal static class FluxPositions
{
    /// <summary>How many sinusoids a timestep or guidance becomes.</summary>
    public const int SinusoidWidth = 256;

    private const double MaxPeriod = 10000;

    /// <summary>[batch] to [batch, 256]: cosines first. Frequencies in float32, as officially.</summary>
    public static Tensor Sinusoids(Tensor values)
    {
        const int half = SinusoidWidth / 2;
        Tensor exponents = Arithmetic.Range(half, ScalarType.Float32, values.device) * Scalars.Of(-Math.Log(MaxPeriod)) / Scalars.Of(half);
        Tensor angles = values.to(ScalarType.Float32).unsqueeze(1) * exponents.exp();
        return cat([angles.cos(), angles.sin()], 1);
    }

    /// <summary>The rotary angles of text tokens, then image tokens.</summary>
    public static FluxRotary Rotary(FluxConfiguration c, Tensor textIds, Tensor latents)
    {
        using var scope = NewDisposeScope();
        Device device = latents.device;
        Tensor ids = cat([textIds.to(ScalarType.Float32, device), ImageIds(latents)], 1).to(ScalarType.Float64);
        List<Tensor> angles = [];
        for (int axis = 0; axis < c.AxesDim.Count; axis++)
        {
            Tensor exponents = arange(Scalars.Of(0), Scalars.Of(c.AxesDim[axis]), Scalars.Of(2), dtype: ScalarType.Float64, device: device) / Scalars.Of(c.AxesDim[axis]);
            angles.Add(ids.narrow(-1, axis, 1) * pow(c.Theta, -exponents));
        }

        Tensor all = cat(angles, -1).repeat_interleave(2, -1).unsqueeze(1);
        return new FluxRotary(
            all.cos().to(ScalarType.Float32).MoveToOuterDisposeScope(),
            all.sin().to(ScalarType.Float32).MoveToOuterDisposeScope());
    }

    // (0, row, column) of each patch.
    private static Tensor ImageIds(Tensor latents)
    {
        long batch = latents.shape[0], height = latents.shape[2] / 2, width = latents.shape[3] / 2;
        Tensor rows = Arithmetic.Range(height, ScalarType.Float32, latents.device).view(-1, 1).expand(height, width);
        Tensor columns = Arithmetic.Range(width, ScalarType.Float32, latents.device).view(1, -1).expand(height, width);
        return stack([zeros_like(rows), rows, columns], -1).view(1, height * width, 3).expand(batch, height * width, 3);
    }
}
