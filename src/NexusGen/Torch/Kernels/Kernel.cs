using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// Decides when the kernels may replace ATen's operators: on the CPU, in float32 or bfloat16, with rows that are a multiple of
/// the vector length. Most of them also require that autograd records nothing.
/// </summary>
internal static class Kernel
{
    /// <summary>The number of elements in a vector.</summary>
    public const int Lanes = 16;

    /// <summary>
    /// Whether the tensors have a common type and a layout that the kernels support, and autograd records nothing.
    /// </summary>
    /// <param name="width">The number of neighboring elements that the kernel treats as a row.</param>
    /// <param name="tensors">The tensors; their last dimension must be contiguous.</param>
    public static bool SupportsInference(long width, params ReadOnlySpan<Tensor> tensors) =>
        Supports(width, tensors) && !RequiresGradient(tensors);

    /// <summary>Whether the tensors have a common type and a layout that the kernels support, with or without autograd.</summary>
    /// <param name="width">The number of neighboring elements that the kernel treats as a row.</param>
    /// <param name="tensors">The tensors; their last dimension must be contiguous.</param>
    public static bool Supports(long width, params ReadOnlySpan<Tensor> tensors)
    {
        if (width % Lanes != 0 || tensors[0].dtype is not (ScalarType.BFloat16 or ScalarType.Float32))
        {
            return false;
        }

        foreach (Tensor tensor in tensors)
        {
            if (tensor.device_type != TorchSharp.DeviceType.CPU || tensor.dtype != tensors[0].dtype || tensor.stride(-1) != 1)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether autograd records operations on one of the tensors.</summary>
    /// <param name="tensors">The tensors.</param>
    public static bool RequiresGradient(params ReadOnlySpan<Tensor> tensors)
    {
        if (!is_grad_enabled())
        {
            return false;
        }

        foreach (Tensor tensor in tensors)
        {
            if (tensor.requires_grad)
            {
                return true;
            }
        }

        return false;
    }
}
